using System.Diagnostics;
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

    // A time of change and a time of rest, longer than the bound, twice.
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);

    // A defect is found when chance will have it; mostly at the end of the first time of rest.
    private static readonly TimeSpan LongestSearch = TimeSpan.FromSeconds(100);

    // From before the last changes until all is made anew: else the announcement of a new value would heal what was missed.
    private static readonly TimeSpan DeafFor = TimeSpan.FromSeconds(1.6);

    private int _kills;

    public static TheoryData<string> Caches => [NodeCache.Prima, NodeCache.PrimaOnChannel];

    public static TheoryData<string, string> Guarded => new MatrixTheoryData<string, string>([NodeCache.Prima, NodeCache.PrimaOnChannel], [Guards.InFlight, Guards.Flush, Guards.Fence]);

    [Theory, MemberData(nameof(Caches)), InlineData(NodeCache.PrimaMixed)]
    public async Task ConnectionsKilled_NobodyReadsOldValues(string cache)
    {
        await using var server = await RedisServers.StartProcessAsync();
        AssertCoherent(await RunAsync(server, cache, (_, settings) =>
            Between(Workload.PhaseOf(settings.Origin), 1, 5) ? KillConnectionsAsync(server) : Task.CompletedTask));
    }

    [Theory, MemberData(nameof(Caches))]
    public async Task RedisAndNodesKilledAndStopped_NobodyReadsOldValues(string cache)
    {
        await using var server = await RedisServers.StartProcessAsync();
        var passes = 0;
        AssertCoherent(await RunAsync(server, cache, async (fleet, _) =>
        {
            switch (passes++)
            {
                case 2 or 20:
                    await server.RestartAsync();
                    break;
                case 4 or 22:
                    await fleet.ReplaceAsync(1);
                    break;
                case 6:
                    await fleet.PauseAsync(2, Bound * 1.5);
                    break;
            }
        }));
    }

    [Theory, MemberData(nameof(Caches))]
    public async Task ClusterFailoverAndSlotMigration_NobodyReadsOldValues(string cache)
    {
        await using var cluster = await RedisServers.StartClusterAsync();
        var passes = 0;
        AssertCoherent(await RunAsync(cluster, cache, async (_, _) =>
        {
            switch (passes++)
            {
                case 3:
                    await cluster.FailoverAsync("check:patient:0");
                    break;
                case 5 or 8:
                    var slot = await cluster.SlotOfAsync("check:patient:1");
                    var owner = await cluster.PrimaryOfSlotAsync(slot);
                    await cluster.MigrateSlotAsync(slot, (await cluster.PrimariesAsync()).First(primary => primary != owner));
                    break;
                case 10:
                    await KillInStepAsync(cluster, "check:patient:2");
                    await cluster.WaitUntilHealthyAsync();
                    break;
            }
        }));
    }

    [Theory, MemberData(nameof(Guarded))]
    public async Task GuardSwitchedOff_IsFound(string cache, string guard)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await AssertFoundAsync(server, cache, guard, async (fleet, settings) =>
        {
            if (guard == Guards.Flush && Between(Workload.PhaseOf(settings.Origin), 2, 2.7))
            {
                await Task.WhenAll(fleet.PauseAsync(2, DeafFor), fleet.PauseAsync(3, DeafFor), LoseAnnouncementsAsync(server));
            }
        });
    }

    [Fact]
    public async Task MicrosoftsHybridCache_IsFoundToBeIncoherent()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await AssertFoundAsync(server, NodeCache.Microsoft, "", static (_, _) => Task.CompletedTask);
    }

    private async Task<IReadOnlyList<Operation>> RunAsync(IRedisServer server, string cache, Func<NodeFleet, NodeSettings, Task> harm)
    {
        await using var store = await RedisServers.StartProcessAsync();
        var settings = Settings(server, store, cache, withoutGuard: "");
        await using var fleet = await NodeFleet.StartAsync(settings);
        for (var end = Task.Delay(Duration); !end.IsCompleted;)
        {
            await harm(fleet, settings);
            await Task.Delay(300);
        }

        var history = await fleet.EndAsync();
        Report(history);
        return history;
    }

    private async Task AssertFoundAsync(IRedisServer server, string cache, string withoutGuard, Func<NodeFleet, NodeSettings, Task> harm)
    {
        await using var store = await RedisServers.StartProcessAsync();
        var settings = Settings(server, store, cache, withoutGuard);
        await using var fleet = await NodeFleet.StartAsync(settings);
        var end = Task.Delay(LongestSearch);
        for (var isFound = false; !isFound && !end.IsCompleted; isFound = HistoryChecker.Check(fleet.History(), Bound).Count > 0)
        {
            await harm(fleet, settings);
            await Task.Delay(300);
        }

        var history = fleet.History();
        Report(history);
        Assert.NotEmpty(HistoryChecker.Check(history, Bound));
    }

    private static NodeSettings Settings(IRedisServer server, RedisProcess store, string cache, string withoutGuard) => new()
    {
        Configuration = server.Configuration,
        Store = store.Configuration,
        Cache = cache,
        WithoutGuard = withoutGuard,

        // What the in-flight guard is for has to happen often; what the flush is for needs a full L1.
        SlowValues = withoutGuard == Guards.InFlight ? 2 : 20,
        ChangePause = withoutGuard == Guards.Flush ? 400 : 60,
        Nodes = Nodes,
        Node = 0,
        HistoryFile = "",

        // When the nodes have started, and listen.
        Origin = Stopwatch.GetTimestamp() + (2 * Stopwatch.Frequency),
    };

    private void Report(IReadOnlyList<Operation> history) => output.WriteLine(
        $"{history.Count(static operation => operation.Kind == OperationKind.Read)} reads, {history.Count(static operation => operation.Kind != OperationKind.Read)} replacements, greatest age {HistoryChecker.GreatestAge(history).TotalMilliseconds:0.0} ms");

    private static bool Between(double phase, double from, double to) => phase > from && phase < to;

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

    private async Task KillConnectionsAsync(RedisProcess server) =>
        await server.ExecuteAsync("CLIENT", "KILL", "TYPE", _kills++ % 2 == 0 ? "pubsub" : "normal");

    // A process that is stopped does not connect again: what is announced until it goes on is lost for it.
    private static async Task LoseAnnouncementsAsync(RedisProcess server)
    {
        await Task.Delay(100);
        await server.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
    }

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
