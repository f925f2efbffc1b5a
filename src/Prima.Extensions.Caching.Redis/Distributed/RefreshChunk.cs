using Prima.Extensions.Caching.Redis.Operations;

namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>Entries to refresh.</summary>
internal sealed class RefreshChunk(EntryContext context, RedisExecutor executor, BatchLimits limits)
    : ReadChunk<RefreshConsumer, bool>(context, executor, limits)
{
    public override string Name => "refresh-many";

    protected override RefreshConsumer Consumer => default;

    protected override void Settle(int position, bool result) => Settle(position, result ? BatchOutcome.Refreshed : BatchOutcome.Miss);
}
