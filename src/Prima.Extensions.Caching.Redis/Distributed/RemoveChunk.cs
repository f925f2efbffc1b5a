using Prima.Extensions.Caching.Redis.Operations;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>Entries to remove, by one UNLINK where one command can have their keys together.</summary>
internal sealed class RemoveChunk(EntryContext context, RedisExecutor executor, BatchLimits limits) : BatchChunk<string>(context, executor, limits)
{
    public override string Name => "remove-many";

    protected override OperationKind Kind => OperationKind.Remove;

    protected override int EntriesPerCommand => int.MaxValue;

    protected override string? KeyOf(string item) => item;

    protected override void WriteSingle(RespRequest request, int position)
    {
        var operation = OperationAt(position);
        operation.Write(request, operation.FirstStep);
    }

    protected override void ReadSingle(RespResult reply, int position, List<TtlExtension> extensions) => Settle(position, BatchOutcome.Removed);

    protected override void WriteGroup(RespRequest request, IEnumerable<int> positions)
    {
        request.Command("UNLINK");
        foreach (var position in positions)
        {
            Context.SlidingEntries.Forget(ItemAt(position));
            request.Key(Context.RedisKey(ItemAt(position)));
        }
    }

    protected override void ReadGroup(RespResult reply, IEnumerable<int> positions, List<TtlExtension> extensions)
    {
        foreach (var position in positions)
        {
            Settle(position, BatchOutcome.Removed);
        }
    }

    protected override async Task RedoAsync(int position)
    {
        var attempt = await Executor.TryExecuteAsync<RemoveOperation, bool>(OperationAt(position)).ConfigureAwait(false);
        Settle(position, attempt, BatchOutcome.Removed);
    }

    private RemoveOperation OperationAt(int position)
    {
        Context.SlidingEntries.Forget(ItemAt(position));
        return new(Context.RedisKey(ItemAt(position)));
    }
}
