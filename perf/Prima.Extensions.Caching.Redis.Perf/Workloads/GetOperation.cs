using Prima.Extensions.Caching.Redis.Perf.Rivals;

namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

internal sealed class GetOperation : Operation
{
    public override string Name => "get";

    public override Ability Needs => Ability.Basic;

    public override async Task RunAsync(Rival rival, Caller caller, Expiry expiry)
    {
        while (caller.MoveNext())
        {
            caller.Demand((await rival.GetAsync(caller.Key).ConfigureAwait(false))?.Length ?? -1);
        }
    }
}
