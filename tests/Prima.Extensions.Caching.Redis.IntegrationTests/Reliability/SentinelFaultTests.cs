using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using Prima.Extensions.Caching.Redis.TestServers.Topologies;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Reliability;

/// <summary>Failovers behind Sentinel. What is checked of each stands in <see cref="FaultOutcome"/>.</summary>
/// <remarks>A failover may be over before an operation's time is up, so each may be served or not: what matters is what it leaves behind.</remarks>
public sealed class SentinelFaultTests(SentinelFaultTests.OwnGroup fixture) : IClassFixture<SentinelFaultTests.OwnGroup>
{
    private static readonly string[] Gone = ["Timeout", "UnableToConnect", "UnableToResolvePhysicalConnection", "SocketFailure", "SocketClosed", "ReadOnly", "MasterDown", "Loading"];

    public sealed class OwnGroup() : ServerFixture<SentinelGroup>(static () => RedisServers.StartSentinelAsync());

    // The old primary is a replica now, and answers writes with READONLY.
    [Fact]
    public async Task ReadOnlyAfterAFailover()
    {
        var group = await fixture.GetAsync();
        await CheckAsync(group, group.FailoverAsync, static () => Task.CompletedTask);
    }

    [Fact]
    public async Task SentinelFailover()
    {
        var group = await fixture.GetAsync();
        RedisProcess? killed = null;
        await CheckAsync(group, KillAsync, () => group.WaitForSuccessorAsync(killed!));
        await killed!.RestartAsync();
        await group.WaitUntilHealthyAsync();

        async Task KillAsync()
        {
            await group.WaitUntilHealthyAsync();
            killed = await group.KillPrimaryAsync();
        }
    }

    private static Task CheckAsync(SentinelGroup group, Func<Task> @break, Func<Task> mend) => FaultOutcome.CheckAsync(Fault.Of(group, group.Configuration, @break, mend, Gone) with
    {
        Struck = Operations.None,
        Either = Operations.All,
        LosesAcknowledged = true,
        EndPoints = group.Nodes.Select(static node => node.EndPoint),
    });
}
