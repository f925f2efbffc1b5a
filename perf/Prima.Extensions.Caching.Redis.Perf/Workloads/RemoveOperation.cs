using Prima.Extensions.Caching.Redis.Perf.Rivals;

namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

/// <summary>All removals but the first of a key find nothing: Redis has less to do, for every rival alike.</summary>
internal sealed class RemoveOperation : Operation
{
    public override string Name => "remove";

    public override Ability Needs => Ability.Basic;

    public override bool KnowsExpiry => false;

    public override async Task RunAsync(Rival rival, Caller caller, Expiry expiry)
    {
        while (caller.MoveNext())
        {
            await rival.RemoveAsync(caller.Key).ConfigureAwait(false);
        }
    }

    public override async Task CheckAsync(Rival rival, string key, byte[] value)
    {
        if (await rival.GetAsync(key) is not null)
        {
            throw new InvalidOperationException($"{rival} still has what was removed.");
        }
    }
}
