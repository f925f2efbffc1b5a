using System.Diagnostics;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Faults;
using Prima.Extensions.Caching.Redis.TestServers.Processes;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Reliability;

/// <summary>How soon the first operation succeeds once Redis is back. The bound is the issue's; options are the defaults.</summary>
public sealed class RecoveryTimeTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(8);

    [Theory]
    [InlineData(FailureMode.Degrade)]
    [InlineData(FailureMode.Throw)]
    public async Task AfterKillAndRestart(FailureMode mode)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await CheckAsync(mode, server.Configuration, server.KillAsync, server.RestartAsync, Load.Steady);
    }

    [Theory]
    [InlineData(Load.Steady)]
    [InlineData(Load.OneOperation)]
    public async Task AfterAStop(Load load)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await CheckAsync(FailureMode.Degrade, server.Configuration, server.Suspend, server.Resume, load);
    }

    [Theory]
    [InlineData(Load.Steady)]
    [InlineData(Load.OneOperation)]
    public async Task AfterABlackHole(Load load)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var proxy = FaultProxy.Start(server);
        await CheckAsync(FailureMode.Degrade, proxy.Configuration, () => proxy.Mode = FaultMode.BlackHole, () => proxy.Mode = FaultMode.Pass, load);
    }

    // No reset tells the client that its connection is dead: the old one, and every attempt of the outage, stays silent for good.
    [Theory]
    [InlineData(Load.Steady)]
    [InlineData(Load.OneOperation)]
    public async Task AfterABlackHoleWithoutReset(Load load)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var proxy = FaultProxy.Start(server);
        await CheckAsync(FailureMode.Degrade, proxy.Configuration, () => proxy.Mode = FaultMode.BlackHole, Restore, load);

        void Restore()
        {
            proxy.StrandAll();
            proxy.Mode = FaultMode.Pass;
        }
    }

    [Fact]
    public async Task AfterThePromotionOfANewPrimaryInACluster()
    {
        await using var cluster = await RedisServers.StartClusterAsync();
        await using var cache = Create(cluster.Configuration, FailureMode.Degrade);
        await RoundTripAsync(cache);
        var successor = await cluster.ReplicaOfAsync(await cluster.PrimaryOfAsync("k"));
        await cluster.KillPrimaryOfAsync("k");

        await CheckAfterPromotionAsync(cache, successor, static info => info.Contains("cluster_state:ok", StringComparison.Ordinal), "CLUSTER", "INFO");
    }

    [Fact]
    public async Task AfterThePromotionOfANewPrimaryBehindSentinel()
    {
        await using var group = await RedisServers.StartSentinelAsync();
        await using var cache = Create(group.Configuration, FailureMode.Degrade);
        await RoundTripAsync(cache);
        var killed = await group.KillPrimaryAsync();

        await CheckAfterPromotionAsync(cache, group.Nodes.First(node => node != killed), static _ => true, "PING");
    }

    public enum Load
    {
        Steady,
        OneOperation,
    }

    private static PrimaRedisCache Create(string configuration, FailureMode mode) => new(new PrimaRedisCacheOptions { Configuration = configuration, FailureMode = mode });

    private static Task CheckAsync(FailureMode mode, string configuration, Action @break, Action mend, Load load) =>
        CheckAsync(mode, configuration, () => Task.Run(@break), () => Task.Run(mend), load);

    private static async Task CheckAsync(FailureMode mode, string configuration, Func<Task> @break, Func<Task> mend, Load load)
    {
        await using var cache = Create(configuration, mode);
        await RoundTripAsync(cache);
        await @break();
        using var outage = new CancellationTokenSource(Outage);
        if (load == Load.OneOperation)
        {
            await cache.SetAsync("k", [2], new());
            await Task.Delay(Outage);
        }

        var steady = Task.WhenAll(Enumerable.Range(0, load == Load.Steady ? 8 : 0).Select(_ => Task.Run(() => TryUntilAsync(cache, outage.Token))));
        await steady;
        await mend();
        await CheckFirstSuccessAsync(cache, Stopwatch.GetTimestamp());
    }

    private static async Task TryUntilAsync(PrimaRedisCache cache, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await TryAsync(cache);
            await Task.Delay(10, CancellationToken.None);
        }
    }

    private static async Task CheckAfterPromotionAsync(PrimaRedisCache cache, RedisProcess successor, Func<string, bool> serves, params string[] question)
    {
        using var promoted = new CancellationTokenSource();
        var load = Task.Run(() => TryUntilAsync(cache, promoted.Token));
        await Poll.UntilAsync("the replica is promoted", TimeSpan.FromSeconds(40), async () =>
            (await successor.ExecuteAsync("ROLE")).Items[0].Text == "master" && serves((await successor.ExecuteAsync(question)).Text!));
        var since = Stopwatch.GetTimestamp();
        await promoted.CancelAsync();
        await CheckFirstSuccessAsync(cache, since);
        await load;
    }

    // Many at a time, as in an application: who waits for an outage of a moment ago holds up nobody else.
    private static async Task CheckFirstSuccessAsync(PrimaRedisCache cache, long since)
    {
        var first = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        while (!first.Task.IsCompleted && Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(30))
        {
            _ = Task.Run(async () =>
            {
                if (await TryAsync(cache))
                {
                    first.TrySetResult(Stopwatch.GetElapsedTime(since));
                }
            });
            await Task.WhenAny(first.Task, Task.Delay(20));
        }

        Assert.True(first.Task.IsCompletedSuccessfully, $"No success: {string.Join(", ", cache.State().Servers)}");
        TestContext.Current.TestOutputHelper?.WriteLine($"First success after {first.Task.Result.TotalMilliseconds:0} ms");
        Assert.InRange(first.Task.Result, TimeSpan.Zero, Bound);
    }

    private static async Task RoundTripAsync(PrimaRedisCache cache)
    {
        await cache.SetAsync("k", [1], new());
        Assert.Equal([1], await cache.GetAsync("k"));
    }

    // A key of its own each time: the journal covers those that were missed.
    private static async Task<bool> TryAsync(PrimaRedisCache cache)
    {
        try
        {
            var key = $"k{Random.Shared.Next(1_000_000)}";
            var stored = await cache.SetManyAsync([new BatchEntry(key, new byte[] { 3 }, new())]);
            return stored.Outcomes[0] == BatchOutcome.Stored && (await cache.GetManyArraysAsync([key])).Outcomes[0] == BatchOutcome.Hit;
        }
        catch (Exception exception) when (exception is StackExchange.Redis.RedisException or TimeoutException)
        {
            return false;
        }
    }
}
