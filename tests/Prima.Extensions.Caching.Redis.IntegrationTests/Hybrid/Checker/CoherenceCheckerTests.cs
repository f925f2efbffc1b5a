using Prima.Extensions.Caching.Redis.CoherenceChecker;
using Prima.Extensions.Caching.Redis.CoherenceChecker.History;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid.Checker;

/// <summary>Several processes over one Redis: does any of them return what was replaced longer ago than the bound that docs/coherence.md declares?</summary>
public sealed class CoherenceCheckerTests
{
    private const int Nodes = 4;

    // Until a silent link is noticed, and then some for a machine that is busy with the other tests.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task MicrosoftsHybridCache_IsFoundToBeIncoherent()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var store = await RedisServers.StartProcessAsync();
        await using var fleet = await NodeFleet.StartAsync(new() { Configuration = server.Configuration, Store = store.Configuration, HistoryFile = "", Node = 0, Nodes = Nodes, Cache = NodeCache.Microsoft });
        await Task.Delay(TimeSpan.FromSeconds(12));
        var history = await fleet.EndAsync();

        Assert.NotEmpty(HistoryChecker.Check(history, Bound));
    }
}
