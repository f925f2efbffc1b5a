using Microsoft.Extensions.Caching.StackExchangeRedis;
using Prima.Extensions.Caching.Redis.Perf.Rivals;
using ZiggyCreatures.Caching.Fusion;

namespace Prima.Extensions.Caching.Redis.Perf.Fleet;

/// <summary>FusionCache over Microsoft's provider.</summary>
internal sealed class FusionNode : FleetNode
{
    private readonly FusionCache _cache = new(new FusionCacheOptions());
    private readonly FusionCacheEntryOptions _options = new(Lifetimes.Lifetime);
    private readonly RedisCache _provider;

    public FusionNode(RedisCache provider)
    {
        _provider = provider;
        _cache.SetupDistributedCache(provider, new FusionCacheMessagePackSerializer());
    }

    public override ValueTask<byte[]> GetOrCreateAsync(string key, Func<ValueTask<byte[]>> factory) =>
        _cache.GetOrSetAsync<byte[]>(key, async (_, _) => await factory().ConfigureAwait(false), _options);

    public override ValueTask DisposeAsync()
    {
        _cache.Dispose();
        _provider.Dispose();
        return ValueTask.CompletedTask;
    }
}
