using Prima.Extensions.Caching.Redis.Perf.Rivals;

namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

internal sealed class RefreshOperation : Operation
{
    public override string Name => "refresh";

    public override Ability Needs => Ability.Refresh;

    public override async Task RunAsync(Rival rival, Caller caller, Expiry expiry)
    {
        while (caller.MoveNext())
        {
            await rival.RefreshAsync(caller.Key).ConfigureAwait(false);
        }
    }
}
