using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid.Coherence;

/// <summary>Nodes with wrong clocks agree on Redis'.</summary>
public sealed class RedisClockTests
{
    public enum Server
    {
        Process,
        Cluster,
        Embedded,
    }

    [Theory]
    [InlineData(Server.Process)]
    [InlineData(Server.Cluster)]
    [InlineData(Server.Embedded)]
    public async Task SkewedNode_FollowsRedis(Server kind)
    {
        await using var cache = await CacheAsync(kind);
        await using var clock = new RedisClock(cache, new SkewedTime(TimeSpan.FromHours(-3)));
        await clock.SampleAsync(CancellationToken.None);

        Assert.True(clock.IsCorrected);

        // The server runs on this machine, so what it says lies between these two.
        var before = TimeProvider.System.GetUtcNow().UtcTicks;
        var (earliest, latest) = (clock.EarliestUtcTicks, clock.LatestUtcTicks);
        var after = TimeProvider.System.GetUtcNow().UtcTicks;
        Assert.True(earliest <= after && latest >= before, $"{earliest}..{latest} is not around {before}..{after}");
    }

    [Fact]
    public async Task TwoSkewedNodes_ARemovalIsYoungerThanWhatWasBegunBefore_AndOlderThanWhatIsBegunAfter()
    {
        await using var cache = await CacheAsync(Server.Process);
        await using var early = new RedisClock(cache, new SkewedTime(TimeSpan.FromMinutes(-7)));
        await using var late = new RedisClock(cache, new SkewedTime(TimeSpan.FromMinutes(7)));
        await early.SampleAsync(CancellationToken.None);
        await late.SampleAsync(CancellationToken.None);
        foreach (var (maker, remover) in new[] { (early, late), (late, early), (early, early) })
        {
            for (var i = 0; i < 50; i++)
            {
                var before = maker.CreationTicks;
                var removed = await remover.NextStampAsync(CancellationToken.None);
                Assert.True(before < removed);
                await remover.PassAsync(removed, CancellationToken.None);
                await maker.SampleAsync(CancellationToken.None);
                Assert.True(removed < remover.CreationTicks && removed < maker.LatestUtcTicks);
            }
        }
    }

    [Fact]
    public async Task Stamps_OfANode_OnlyGrow()
    {
        await using var cache = await CacheAsync(Server.Process);
        await using var clock = new RedisClock(cache, TimeProvider.System);
        var stamps = new List<long>();
        for (var i = 0; i < 1000; i++)
        {
            stamps.Add(await clock.NextStampAsync(CancellationToken.None));
        }

        Assert.Equal(stamps.Order().Distinct(), stamps);
    }

    [Fact]
    public async Task FirstStamp_OfASkewedNode_IsRedisTime()
    {
        await using var cache = await CacheAsync(Server.Process);
        await using var clock = new RedisClock(cache, new SkewedTime(TimeSpan.FromDays(1)));

        Assert.True(await clock.NextStampAsync(CancellationToken.None) < (TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1)).UtcTicks);
    }

    [Fact]
    public async Task WithoutRedis_WhatIsMadeAfterARemovalIsYounger()
    {
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = "127.0.0.1:1,connectRetry=1,connectTimeout=500,asyncTimeout=500" });
        await using var clock = new RedisClock(cache, TimeProvider.System);
        var stamp = await clock.NextStampAsync(CancellationToken.None);
        await clock.PassAsync(stamp, CancellationToken.None);

        Assert.True(clock.CreationTicks > stamp);
    }

    [Fact]
    public async Task UnreachableRedis_IsTheNodesClock()
    {
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = "127.0.0.1:1,connectRetry=1,connectTimeout=500,asyncTimeout=500" });
        await using var clock = new RedisClock(cache, TimeProvider.System);
        await clock.SampleAsync(CancellationToken.None);

        Assert.False(clock.IsCorrected);
        Assert.InRange(clock.UtcTicks, TimeProvider.System.GetUtcNow().UtcTicks - TimeSpan.TicksPerMinute, TimeProvider.System.GetUtcNow().UtcTicks);
    }

    private static async Task<PrimaRedisCache> CacheAsync(Server kind) => new(new PrimaRedisCacheOptions
    {
        Configuration = kind switch
        {
            Server.Process => (await SharedServers.GetProcessAsync()).Configuration,
            Server.Cluster => (await SharedServers.GetClusterAsync()).Configuration,
            _ => (await SharedServers.GetEmbeddedAsync()).Configuration,
        },
        InstanceName = "clock:",
    });
}
