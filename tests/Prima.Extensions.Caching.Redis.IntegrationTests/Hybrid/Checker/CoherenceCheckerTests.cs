using Prima.Extensions.Caching.Redis.CoherenceChecker;
using Prima.Extensions.Caching.Redis.CoherenceChecker.History;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using Prima.Extensions.Caching.Redis.TestServers.Topologies;
using Xunit.Sdk;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid.Checker;

/// <summary>Several processes over one Redis: does any of them return what was replaced longer ago than the bound that docs/coherence.md declares?</summary>
/// <remarks>Alone, because each run is four busy processes: beside others both would look for faults in a machine that is overloaded.</remarks>
[Collection(nameof(CoherenceCheckerTests))]
[CollectionDefinition(nameof(CoherenceCheckerTests), DisableParallelization = true)]
public sealed class CoherenceCheckerTests(ITestOutputHelper output)
{
    private const int Nodes = 4;

    // Until a silent link is noticed, and then some for a machine that is busy with other things.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(3);

    // Two times of change, each with a time of rest that is longer than the bound.
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(18);

    public static TheoryData<string> Caches => [NodeCache.Prima, NodeCache.PrimaOnChannel];

    [Theory, MemberData(nameof(Caches))]
    public async Task ConnectionsKilled_NobodyReadsOldValues(string cache)
    {
        await using var server = await RedisServers.StartProcessAsync();
        AssertCoherent(await RunAsync(server, cache, "", (_, pass) => KillConnectionsAsync(server, pass)));
    }

    [Theory, MemberData(nameof(Caches))]
    public async Task RedisAndNodesKilled_NobodyReadsOldValues(string cache)
    {
        await using var server = await RedisServers.StartProcessAsync();
        AssertCoherent(await RunAsync(server, cache, "", async (fleet, pass) =>
        {
            if (pass % 10 == 5)
            {
                await server.RestartAsync();
            }
            else if (pass % 10 == 9)
            {
                await fleet.ReplaceAsync(pass / 10 % Nodes);
            }
        }));
    }

    [Fact]
    public async Task NodeStoppedForAWhile_DoesNotReadOldValues()
    {
        await using var server = await RedisServers.StartProcessAsync();
        AssertCoherent(await RunAsync(server, NodeCache.Reference, "", async (fleet, pass) =>
        {
            if (pass % 20 == 5)
            {
                await fleet.PauseAsync(pass / 20 % Nodes, Bound * 1.5);
            }
        }));
    }

    [Theory, MemberData(nameof(Caches))]
    public async Task ClusterFailoverAndSlotMigration_NobodyReadsOldValues(string cache)
    {
        await using var cluster = await RedisServers.StartClusterAsync();
        AssertCoherent(await RunAsync(cluster, cache, "", async (_, pass) =>
        {
            if (pass == 3)
            {
                await cluster.FailoverAsync("check:patient:0");
            }
            else if (pass is 5 or 8)
            {
                var slot = await cluster.SlotOfAsync("check:patient:1");
                var owner = await cluster.PrimaryOfSlotAsync(slot);
                await cluster.MigrateSlotAsync(slot, (await cluster.PrimariesAsync()).First(primary => primary != owner));
            }
            else if (pass == 10)
            {
                await KillInStepAsync(cluster, "check:patient:2");
                await cluster.WaitUntilHealthyAsync();
            }
        }));
    }

    [Theory]
    [InlineData(Guards.InFlight)]
    [InlineData(Guards.Flush)]
    [InlineData(Guards.Fence)]
    public async Task GuardSwitchedOff_IsFound(string guard)
    {
        await using var server = await RedisServers.StartProcessAsync();
        var history = await RunAsync(server, NodeCache.Reference, guard, async (_, pass) =>
        {
            // From before the last changes until all is made anew: else the announcement of a new value would heal what was missed.
            while (guard == Guards.Flush && Workload.Phase is > 2 and < 4.5)
            {
                await KillConnectionsAsync(server, pass++);
                await Task.Delay(100);
            }
        });

        Assert.NotEmpty(HistoryChecker.Check(history, Bound));
    }

    [Fact]
    public async Task MicrosoftsHybridCache_IsFoundToBeIncoherent()
    {
        await using var server = await RedisServers.StartProcessAsync();

        Assert.NotEmpty(HistoryChecker.Check(await RunAsync(server, NodeCache.Microsoft, "", static (_, _) => Task.CompletedTask), Bound));
    }

    private async Task<IReadOnlyList<Operation>> RunAsync(IRedisServer server, string cache, string withoutGuard, Func<NodeFleet, int, Task> harm)
    {
        await using var store = await RedisServers.StartProcessAsync();
        await using var fleet = await NodeFleet.StartAsync(new()
        {
            Configuration = server.Configuration,
            Store = store.Configuration,
            Cache = cache,
            WithoutGuard = withoutGuard,
            Nodes = Nodes,
            Node = 0,
            HistoryFile = "",
        });
        var end = Task.Delay(Duration);
        for (var pass = 0; !end.IsCompleted; pass++)
        {
            await harm(fleet, pass);
            await Task.Delay(300);
        }

        var history = await fleet.EndAsync();
        output.WriteLine($"{history.Count(static operation => operation.Kind == OperationKind.Read)} reads, {history.Count(static operation => operation.Kind != OperationKind.Read)} replacements, greatest age {HistoryChecker.GreatestAge(history).TotalMilliseconds:0.0} ms");
        return history;
    }

    private static void AssertCoherent(IReadOnlyList<Operation> history)
    {
        // Enough of both to have found something.
        Assert.True(history.Count(static operation => operation.Kind == OperationKind.Read) > 5_000);
        Assert.True(history.Count(static operation => operation.Kind != OperationKind.Read) > 200);
        var violations = HistoryChecker.Check(history, Bound);
        if (violations.Count > 0)
        {
            throw new XunitException($"{violations.Count} reads are too old:{Environment.NewLine}{string.Join(Environment.NewLine, violations.Take(10))}");
        }
    }

    private static async Task KillConnectionsAsync(RedisProcess server, int pass) =>
        await server.ExecuteAsync("CLIENT", "KILL", "TYPE", pass % 2 == 0 ? "pubsub" : "normal");

    // Redis replicates asynchronously: a write that was acknowledged and not replicated would be lost with the primary, and no cache could know.
    private static async Task KillInStepAsync(RedisCluster cluster, string key)
    {
        var primary = await cluster.PrimaryOfAsync(key);
        await cluster.WaitUntilReplaceableAsync(primary);
        await primary.ExecuteAsync("CLIENT", "PAUSE", "2000", "WRITE");
        await Task.Delay(200);
        await primary.KillAsync();
    }
}
