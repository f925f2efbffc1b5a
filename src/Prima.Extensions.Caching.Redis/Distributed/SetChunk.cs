using Prima.Extensions.Caching.Redis.Entries;
using Prima.Extensions.Caching.Redis.Operations;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>Entries to set; hashes by one script where one command can have their keys together.</summary>
internal sealed class SetChunk(EntryContext context, RedisExecutor executor, BatchLimits limits) : BatchChunk<PreparedEntry>(context, executor, limits)
{
    // A script holds the server up; this many entries do for a fraction of a millisecond.
    private const int EntriesPerScript = 64;

    private readonly List<WriteOperation> _operations = [];

    public override string Name => "set-many";

    protected override OperationKind Kind => OperationKind.Set;

    protected override int EntriesPerCommand => Context.Layout == EntryLayout.Hash && !Context.ScriptsRefused ? EntriesPerScript : 1;

    protected override bool CanShare(int position) => _operations[position].IsByScript;

    protected override string? KeyOf(PreparedEntry item) => item.Key;

    protected override long SizeOf(PreparedEntry item) => item.Value.Length;

    protected override Exception? Prepare(int position)
    {
        var entry = ItemAt(position);
        var wrong = entry.Wrong ?? base.Prepare(position) ?? (entry.Options is null ? NullInEntry("options") : null);
        _operations.Add(default);
        if (wrong is null)
        {
            var now = Context.UtcNow;
            wrong = EntryExpiration.Check(entry.Options!, now);
            if (wrong is null)
            {
                var expiration = EntryExpiration.From(entry.Options!, now);
                Context.Telemetry.Transferred(Name, entry.Value.Length);
                _operations[position] = new(Context, entry.Key!, entry.Value, expiration, expiration.TimeToLive(now));
                wrong = _operations[position].TooLarge;
            }
        }

        return wrong;
    }

    protected override void WriteSingle(RespRequest request, int position)
    {
        var operation = _operations[position];
        operation.Write(request, operation.FirstStep);
    }

    protected override void ReadSingle(RespResult reply, int position, List<TtlExtension> extensions)
    {
        var step = _operations[position].FirstStep;
        if (_operations[position].TryRead(reply.Read(), ref step, out _, out _))
        {
            Settle(position, BatchOutcome.Stored);
        }
        else
        {
            Redo(position);
        }
    }

    protected override void WriteGroup(RespRequest request, IEnumerable<int> positions)
    {
        request.Script(EntryScripts.WriteMany, positions.Count());
        foreach (var position in positions)
        {
            request.Key(_operations[position].Key);
        }

        foreach (var position in positions)
        {
            _operations[position].WriteFields(request);
        }
    }

    protected override void ReadGroup(RespResult reply, IEnumerable<int> positions, List<TtlExtension> extensions)
    {
        var reader = reply.Read();
        if (!reader.IsAggregate)
        {
            throw new UnexpectedReplyException("Redis answered the script for a batch with something else than a list.");
        }

        var ordered = positions.ToArray();
        foreach (var position in ordered)
        {
            Settle(position, BatchOutcome.Stored);
        }

        var refused = reader.AggregateChildren();
        while (refused.MoveNext())
        {
            if (!refused.Value.TryReadInt32(out var number) || number < 1 || number > ordered.Length)
            {
                throw new UnexpectedReplyException("Redis answered the script for a batch with a number that no entry has.");
            }

            Redo(ordered[number - 1]);
        }
    }

    protected override bool CanRedo(int position, RedisErrorKind error)
    {
        var step = _operations[position].FirstStep;
        return error.IsTransient() || _operations[position].TryNextStep(error, ref step);
    }

    // An entry that is done again must not write over a later one with the same key: that one is done again after it.
    protected override Task RedoAsync(IReadOnlyList<int> positions)
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var position in positions.OrderDescending())
        {
            first[ItemAt(position).Key!] = position;
        }

        var byKey = ValidPositions
            .Where(position => first.TryGetValue(ItemAt(position).Key!, out var from) && position >= from)
            .GroupBy(position => ItemAt(position).Key, StringComparer.Ordinal);
        return Task.WhenAll(byKey.Select(async same =>
        {
            foreach (var position in same)
            {
                await RedoAsync(position).ConfigureAwait(false);
            }
        }));
    }

    protected override async Task RedoAsync(int position)
    {
        var attempt = await Executor.TryExecuteAsync<WriteOperation, bool>(_operations[position]).ConfigureAwait(false);
        Settle(position, attempt, BatchOutcome.Stored);
    }

    protected override void Clear()
    {
        base.Clear();
        _operations.Clear();
    }
}
