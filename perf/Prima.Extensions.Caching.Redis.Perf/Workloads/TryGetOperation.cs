using Prima.Extensions.Caching.Redis.Perf.Rivals;

namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

internal sealed class TryGetOperation : Operation
{
    public override string Name => "get into a buffer";

    public override Ability Needs => Ability.Buffers;

    public override async Task RunAsync(Rival rival, Caller caller, Expiry expiry)
    {
        while (caller.MoveNext())
        {
            caller.Buffer.ResetWrittenCount();
            await rival.TryGetAsync(caller.Key, caller.Buffer).ConfigureAwait(false);
            caller.Demand(caller.Buffer.WrittenCount);
        }
    }
}
