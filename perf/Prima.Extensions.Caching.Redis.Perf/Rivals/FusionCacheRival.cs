using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Distributed;
using ZiggyCreatures.Caching.Fusion;

namespace Prima.Extensions.Caching.Redis.Perf.Rivals;

/// <summary>FusionCache with Microsoft's provider as its second level, as its documentation sets it up.</summary>
/// <remarks>Writes wait for Redis, as everybody's here do. The packages with its serializers are not on every feed: <see cref="FusionCacheMessagePackSerializer"/>.</remarks>
internal sealed class FusionCacheRival : Rival
{
    private readonly FusionCache _cache;
    private readonly IDistributedCache _provider;
    private readonly FusionCacheEntryOptions _options;

    public FusionCacheRival(string name, IDistributedCache provider, bool isLocal)
        : base(name, Ability.Basic)
    {
        _provider = provider;
        _cache = new FusionCache(new FusionCacheOptions());
        _cache.SetupDistributedCache(provider, new FusionCacheMessagePackSerializer());
        _options = new FusionCacheEntryOptions(Lifetimes.Lifetime)
        {
            AllowBackgroundDistributedCacheOperations = false,
            SkipMemoryCacheRead = !isLocal,
            SkipMemoryCacheWrite = !isLocal,
        };
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<byte[]?> GetAsync(string key) => await _cache.GetOrDefaultAsync<byte[]>(key, options: _options).ConfigureAwait(false);

    public override ValueTask SetAsync(string key, byte[] value, Expiry expiry) => _cache.SetAsync(key, value, _options);

    public override ValueTask RemoveAsync(string key) => _cache.RemoveAsync(key, _options);

    public override ValueTask DisposeAsync()
    {
        _cache.Dispose();
        ((IDisposable)_provider).Dispose();
        return ValueTask.CompletedTask;
    }
}
