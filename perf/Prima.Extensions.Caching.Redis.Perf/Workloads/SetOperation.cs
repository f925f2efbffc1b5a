using Prima.Extensions.Caching.Redis.Perf.Rivals;

namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

internal sealed class SetOperation : Operation
{
    public override string Name => "set";

    public override Ability Needs => Ability.Basic;

    public override async Task RunAsync(Rival rival, Caller caller, Expiry expiry)
    {
        while (caller.MoveNext())
        {
            await rival.SetAsync(caller.Key, caller.Value, expiry).ConfigureAwait(false);
        }
    }
}
