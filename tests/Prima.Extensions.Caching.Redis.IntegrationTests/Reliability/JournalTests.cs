using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Reliability;

/// <summary>What the journal keeps, drops, and says of it.</summary>
public sealed class JournalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Overflow_DropsTheOldestAndIsAnErrorOnce()
    {
        await using var server = await RedisServers.StartProcessAsync("appendonly yes", "appendfsync always");
        using var telltale = new Telltale();
        await using var cache = telltale.CreateCache(new PrimaRedisCacheOptions { Configuration = server.Configuration, JournalCapacity = 10 });
        for (var i = 0; i < 25; i++)
        {
            await cache.SetAsync(Telltale.Key($"{i}"), Telltale.Value("old"), new());
        }

        await server.KillAsync();
        for (var i = 0; i < 25; i++)
        {
            await cache.RemoveAsync(Telltale.Key($"{i}"));
        }

        Assert.Equal((10, 15), (cache.State().JournalLength, cache.State().JournalOverflows));
        Assert.Equal(1, telltale.Count(2007));
        Assert.Single(telltale.Log, static line => line.Level >= LogLevel.Error);

        await server.RestartAsync();
        await Poll.UntilAsync("the journal is empty", Patience, () => cache.State().JournalLength == 0);
        Assert.Equal((10, 15), (cache.State().JournalReplays, cache.State().JournalOverflows));
        await Poll.UntilAsync("its end is logged", Patience, () => telltale.Count(2006) == 1);
        for (var i = 0; i < 25; i++)
        {
            Assert.Equal(i < 15 ? Telltale.Value("old") : null, await cache.GetAsync(Telltale.Key($"{i}")));
        }

        telltale.AssertNothingWasGivenAway();
        Assert.Equal((10, 15), (telltale.Sums["prima.cache.journal.replays"], telltale.Sums["prima.cache.journal.overflows"]));
    }

    [Fact]
    public async Task Read_OfAKeyWhoseRemovalWasMissed_IsAMissAlsoInABatch()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = server.Configuration });
        await cache.SetAsync("k", [1], new());

        // One right is taken away: Redis refuses the removal, and would show the entry.
        await server.ExecuteAsync("ACL", "SETUSER", "default", "-unlink", "-del");
        await cache.RemoveAsync("k");

        Assert.Equal(1, cache.State().JournalLength);
        Assert.Null(await cache.GetAsync("k"));
        Assert.Null(await cache.GetAsync(CacheAccess.BufferSync, "k"));
        Assert.Equal(BatchOutcome.Skipped, (await cache.GetManyArraysAsync(["k"])).Outcomes[0]);

        await server.ExecuteAsync("ACL", "SETUSER", "default", "+unlink", "+del");
        await Poll.UntilAsync("the journal is empty", Patience, () => cache.State().JournalLength == 0);
        Assert.Equal(0, (await server.ExecuteAsync("EXISTS", "k")).Number);
    }

    [Fact]
    public async Task Dispose_WhileRedisIsBackForLessThanASecond_CatchesUp()
    {
        await using var server = await RedisServers.StartProcessAsync();
        using var telltale = new Telltale();
        var cache = telltale.CreateCache(new PrimaRedisCacheOptions { Configuration = server.Configuration });
        await cache.SetAsync(Telltale.Key("k"), Telltale.Value("old"), new());
        await server.ExecuteAsync("ACL", "SETUSER", "default", "-unlink", "-del");
        await cache.RemoveAsync(Telltale.Key("k"));
        await server.ExecuteAsync("ACL", "SETUSER", "default", "+unlink", "+del");
        await cache.DisposeAsync();

        Assert.Equal(0, (await server.ExecuteAsync("EXISTS", Telltale.Key("k"))).Number);
        Assert.Equal(0, telltale.Count(2008));
    }

    [Fact]
    public async Task Dispose_WhileRedisIsAway_SaysHowMuchIsLost()
    {
        await using var server = await RedisServers.StartProcessAsync();
        using var telltale = new Telltale();
        var cache = telltale.CreateCache(new PrimaRedisCacheOptions { Configuration = server.Configuration });
        await cache.SetAsync(Telltale.Key("k"), Telltale.Value("old"), new());
        await server.KillAsync();
        await cache.RemoveAsync(Telltale.Key("k"));
        await cache.DisposeAsync();

        Assert.Contains("before 1 keys", Assert.Single(telltale.Log, static line => line.Id == 2008).Text, StringComparison.Ordinal);
    }
}
