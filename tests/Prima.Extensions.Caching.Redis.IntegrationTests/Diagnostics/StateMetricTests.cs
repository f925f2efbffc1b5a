using Microsoft.Extensions.Caching.Distributed;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Diagnostics;

/// <summary>What a cache says of its connections, its journal and its servers whenever it is asked.</summary>
public sealed class StateMetricTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly DistributedCacheEntryOptions Short = new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) };

    [Fact]
    public async Task Outage_ServerKilledAndBack_BreakerAndConnectionsFollow()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var observed = await ObservedCache.ConnectAsync(server.Configuration);
        await observed.Cache.GetAsync("k");
        Assert.Equal((0, 1, 0), State());

        await server.KillAsync();
        await Poll.UntilAsync("the breaker is open", Deadline, () => State() == (1, 0, 0));
        await server.RestartAsync();
        await Poll.UntilAsync("the breaker is closed again, after one reconnect", Deadline, () => State() == (0, 1, 1));

        var breaker = Assert.Single(observed.Metrics.Observe("prima.cache.breaker.state"));
        Assert.Equal((server.EndPoint.ToString(), "0"), (breaker.Tag("server.address"), breaker.Tag("prima.cache.connection")));

        (double?, double?, double?) State() => (
            observed.Metrics.ObserveSum("prima.cache.breaker.state"),
            observed.Metrics.ObserveSum("prima.cache.connections"),
            observed.Metrics.ObserveSum("prima.cache.connection.reconnects"));
    }

    [Fact]
    public async Task SilentServer_CommandsWait_AreOutstandingAndTheBreakerOpens()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var observed = await ObservedCache.ConnectAsync(server.Configuration, static options => options.CommandTimeout = TimeSpan.FromSeconds(30));
        await observed.Cache.GetAsync("k");
        server.Suspend();

        var reads = Enumerable.Range(0, 3).Select(_ => observed.Cache.GetAsync("k")).ToList();
        await Poll.UntilAsync("three commands wait", Deadline, () => observed.Metrics.ObserveSum("prima.cache.commands.outstanding") == 3);
        await Poll.UntilAsync("the breaker is open", Deadline, () => observed.Metrics.ObserveSum("prima.cache.breaker.state") == 1);
        Assert.Equal(1, observed.Metrics.ObserveSum("prima.cache.connections"));

        server.Resume();
        await Task.WhenAll(reads);
        await Poll.UntilAsync("none waits", Deadline, () => observed.Metrics.ObserveSum("prima.cache.commands.outstanding") == 0);
        await Poll.UntilAsync("the breaker is closed", Deadline, () => observed.Metrics.ObserveSum("prima.cache.breaker.state") == 0);
    }

    [Fact]
    public async Task Pool_OfThree_EachConnectionIsSeen()
    {
        await using var observed = new ObservedCache((await SharedServers.GetStandaloneAsync()).Configuration, static options => options.ConnectionPoolSize = 3);
        Assert.Equal(3, observed.Metrics.ObserveSum("prima.cache.connection.pool.size"));
        Assert.Null(observed.Metrics.ObserveSum("prima.cache.connections"));

        await observed.Cache.RemoveManyAsync(["k"]);

        await Poll.UntilAsync("all are connected", Deadline, () => observed.Metrics.ObserveSum("prima.cache.connections") == 3);
        Assert.Equal(["0", "1", "2"], observed.Metrics.Observe("prima.cache.connections").Select(static one => one.Tag("prima.cache.connection")).Order());
    }

    [Fact]
    public async Task Journal_MoreThanItHolds_LengthOverflowsAndReplaysAreExact()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var observed = await ObservedCache.ConnectAsync(server.Configuration, static options => options.JournalCapacity = 2);
        await observed.Cache.GetAsync("k");
        Assert.Equal((0, 0, 0), Journal());
        await server.KillAsync();
        await Poll.UntilAsync("the breaker is open", Deadline, () => observed.Metrics.ObserveSum("prima.cache.breaker.state") == 1);

        await observed.Cache.RemoveManyAsync(["a", "b", "c"]);
        Assert.Equal((2, 1, 0), Journal());

        await server.RestartAsync();
        await Poll.UntilAsync("both are made good", Deadline, () => Journal() == (0, 1, 2));

        (double?, double?, double?) Journal() => (
            observed.Metrics.ObserveSum("prima.cache.journal.length"),
            observed.Metrics.ObserveSum("prima.cache.journal.overflows"),
            observed.Metrics.ObserveSum("prima.cache.journal.replays"));
    }

    [Fact]
    public async Task Server_Sampled_IsWhatItSaysOfItself()
    {
        await using var server = await RedisServers.StartProcessAsync("maxmemory 4mb", "maxmemory-policy allkeys-lru");
        await using var observed = await ObservedCache.ConnectAsync(server.Configuration, static options => options.ServerSamplingInterval = TimeSpan.FromSeconds(1));
        for (var i = 0; i < 64; i++)
        {
            await observed.Cache.SetAsync($"{i}", new byte[100_000], Short);
        }

        Assert.NotNull(await observed.Cache.GetAsync("63"));
        var info = (await server.ExecuteAsync("INFO", "stats")).Text!;
        var (evicted, hits, misses) = (Number("evicted_keys"), Number("keyspace_hits"), Number("keyspace_misses"));
        Assert.True(evicted > 0);

        await Poll.UntilAsync("the sample is as new", Deadline, () =>
            observed.Metrics.ObserveSum("prima.cache.server.evictions") == evicted
            && observed.Metrics.ObserveSum("prima.cache.server.hit_ratio") == hits / (hits + misses));
        Assert.InRange(observed.Metrics.ObserveSum("prima.cache.server.memory")!.Value, 100_000, 8_000_000);

        double Number(string name) => double.Parse(info.Split($"{name}:")[1].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Server_NotSampled_IsNotAsked()
    {
        await using var observed = await ObservedCache.ConnectAsync((await SharedServers.GetStandaloneAsync()).Configuration);
        await observed.Cache.GetAsync("k");

        Assert.NotNull(observed.Metrics.ObserveSum("prima.cache.connections"));
        Assert.Null(observed.Metrics.ObserveSum("prima.cache.server.memory"));
    }

    [Fact]
    public async Task Disposed_Cache_SaysNothingMore()
    {
        await using var observed = await ObservedCache.ConnectAsync((await SharedServers.GetStandaloneAsync()).Configuration);
        await observed.Cache.GetAsync("k");
        Assert.NotNull(observed.Metrics.ObserveSum("prima.cache.connection.pool.size"));

        await observed.Cache.DisposeAsync();

        Assert.Null(observed.Metrics.ObserveSum("prima.cache.connection.pool.size"));
        Assert.Null(observed.Metrics.ObserveSum("prima.cache.connections"));
    }
}
