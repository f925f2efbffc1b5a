using Prima.Extensions.Caching.Redis.Operations;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>Entries to read, each by the operation that would read it alone; strings by MGET where one command can have their keys together.</summary>
internal abstract class ReadChunk<TConsumer, TResult>(EntryContext context, RedisExecutor executor, BatchLimits limits)
    : BatchChunk<string>(context, executor, limits)
    where TConsumer : struct, IEntryConsumer<TResult>
{
    private readonly Dictionary<int, int> _redoSteps = [];
    private int? _firstStep;

    public override string Name => TConsumer.OperationName;

    protected override OperationKind Kind => ReadOperation<TConsumer, TResult>.Kind;

    protected override int EntriesPerCommand => TConsumer.NeedsValue && Context.Layout == EntryLayout.String ? int.MaxValue : 1;

    protected abstract TConsumer Consumer { get; }

    protected abstract void Settle(int position, TResult result);

    protected override string? KeyOf(string item) => item;

    protected override void WriteSingle(RespRequest request, int position)
    {
        var operation = OperationAt(position);
        operation.Write(request, operation.FirstStep);
    }

    protected override void ReadSingle(RespResult reply, int position, List<TtlExtension> extensions)
    {
        var operation = OperationAt(position);
        var step = operation.FirstStep;
        if (operation.TryRead(reply.Read(), ref step, out var result, out var timeToLive))
        {
            Settle(position, result);
            Extend(operation.Key, timeToLive, extensions);
        }
        else
        {
            _redoSteps[position] = step;
            Redo(position);
        }
    }

    protected override void WriteGroup(RespRequest request, IEnumerable<int> positions)
    {
        request.Command("MGET");
        foreach (var position in positions)
        {
            request.Key(Context.RedisKey(ItemAt(position)));
        }
    }

    protected override void ReadGroup(RespResult reply, IEnumerable<int> positions, List<TtlExtension> extensions)
    {
        var reader = reply.Read();
        var isArray = reader.IsAggregate;
        var values = isArray ? reader.AggregateChildren() : default;
        foreach (var position in positions)
        {
            if (!isArray || !values.MoveNext())
            {
                throw new UnexpectedReplyException("Redis answered MGET with something else than a value for each key.");
            }

            if (values.Value.IsNull)
            {
                // MGET does not tell a missing key from one of another type.
                _redoSteps[position] = ReadOperation<TConsumer, TResult>.AfterNoString;
                Redo(position);
                continue;
            }

            var operation = OperationAt(position);
            Settle(position, operation.ReadString(values.Value, out var timeToLive));
            Extend(operation.Key, timeToLive, extensions);
        }
    }

    protected override bool CanRedo(int position, RedisErrorKind error)
    {
        var operation = OperationAt(position);
        var step = operation.FirstStep;
        if (operation.TryNextStep(error, ref step))
        {
            _redoSteps[position] = step;
            return true;
        }

        return error.IsTransient();
    }

    protected override async Task RedoAsync(int position)
    {
        int? step = _redoSteps.TryGetValue(position, out var known) ? known : null;
        var operation = new ReadOperation<TConsumer, TResult>(Context, ItemAt(position), Consumer, step);
        var attempt = await Executor.TryExecuteAsync<ReadOperation<TConsumer, TResult>, TResult>(operation).ConfigureAwait(false);
        if (attempt.IsAnswered)
        {
            Settle(position, attempt.Result!);
        }
        else
        {
            Settle(position, attempt, BatchOutcome.Miss);
        }
    }

    protected override void Clear()
    {
        base.Clear();
        _redoSteps.Clear();
        _firstStep = null;
    }

    private static void Extend(RedisKey key, TimeSpan? timeToLive, List<TtlExtension> extensions)
    {
        if (timeToLive is not null)
        {
            extensions.Add(new(key, timeToLive.Value));
        }
    }

    // How it is asked for stays the same until it is answered.
    private ReadOperation<TConsumer, TResult> OperationAt(int position)
    {
        _firstStep ??= new ReadOperation<TConsumer, TResult>(Context, ItemAt(position), Consumer).FirstStep;
        return new(Context, ItemAt(position), Consumer, _firstStep);
    }
}
