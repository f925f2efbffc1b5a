using Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Interop;

/// <summary>Nodes that write one layout among nodes that write the other.</summary>
public sealed class LayoutMigrationTests
{
    [Theory]
    [CombinatorialValues(EntryLayout.Hash, EntryLayout.String)]
    public async Task Entry_OfTheOtherLayout_IsReadRefreshedReplacedAndRemoved(CacheAccess access, EntryLayout written)
    {
        var configuration = (await SharedServers.GetStandaloneAsync()).Configuration;
        var prefix = $"layouts:{Guid.NewGuid():N}:";
        await using var writer = await CacheUnderTest.PrimaAsync(configuration, written, prefix);
        await using var reader = await CacheUnderTest.PrimaAsync(configuration, written == EntryLayout.Hash ? EntryLayout.String : EntryLayout.Hash, prefix);
        var key = Guid.NewGuid().ToString("N");
        var tenMinutes = TimeSpan.FromMinutes(10);

        await writer.Cache.SetAsync(access, key, [1, 2], new() { SlidingExpiration = tenMinutes });
        await writer.Redis.KeyExpireAsync(writer.RedisKey(key), TimeSpan.FromMinutes(1));
        Assert.Equal([1, 2], await reader.Cache.GetAsync(access, key));
        await Poll.UntilAsync("the read extended the TTL", TimeSpan.FromSeconds(5), async () => await reader.TimeToLiveAsync(key) > tenMinutes - TimeSpan.FromMinutes(1));

        await writer.Redis.KeyExpireAsync(writer.RedisKey(key), TimeSpan.FromMinutes(1));
        await reader.Cache.RefreshAsync(access, key);
        await Poll.UntilAsync("the refresh extended the TTL", TimeSpan.FromSeconds(5), async () => await reader.TimeToLiveAsync(key) > tenMinutes - TimeSpan.FromMinutes(1));

        await reader.Cache.SetAsync(access, key, [3], new());
        Assert.Equal([3], await writer.Cache.GetAsync(access, key));
        Assert.Null(await writer.TimeToLiveAsync(key));

        await writer.Cache.RemoveAsync(access, key);
        Assert.Null(await reader.Cache.GetAsync(access, key));
    }
}
