using Prima.Extensions.Caching.Redis.Operations;

namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>Entries to read into the memory of a result.</summary>
internal sealed class GetChunk(EntryContext context, RedisExecutor executor, BatchLimits limits)
    : ReadChunk<KeptConsumer, ReadOnlyMemory<byte>?>(context, executor, limits)
{
    private readonly List<ReadOnlyMemory<byte>> _values = [];
    private int _capacity = limits.Entries;

    /// <summary>Where values go.</summary>
    public BatchValues? Destination { get; set; }

    /// <summary>Forgets what was learnt of the values of another batch.</summary>
    public void Begin() => _capacity = Limits.Entries;

    protected override KeptConsumer Consumer => new(Destination!);

    // How large values are is only known once some were read.
    protected override int Capacity => _capacity;

    protected override Exception? Prepare(int position)
    {
        _values.Add(default);
        return base.Prepare(position);
    }

    protected override void Settle(int position, ReadOnlyMemory<byte>? result)
    {
        _values[position] = result.GetValueOrDefault();
        Settle(position, result is null ? BatchOutcome.Miss : BatchOutcome.Hit);
    }

    protected override void Add(BatchResult result, int position, string? key, BatchOutcome outcome, Exception? exception) =>
        Destination!.Add(key, outcome, outcome == BatchOutcome.Hit ? _values[position] : default, exception);

    protected override void Clear()
    {
        var bytes = _values.Sum(static value => (long)value.Length);
        if (Count > 0)
        {
            var fitting = Limits.Bytes / ((bytes / Count) + 1);
            _capacity = (int)Math.Clamp(Math.Min(fitting, 2L * _capacity), 1, Limits.Entries);
        }

        base.Clear();
        _values.Clear();
    }
}
