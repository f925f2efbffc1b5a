using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Prima.Extensions.Caching.Redis.Perf.Rivals;

/// <summary>A <see cref="HybridCache"/>: Microsoft's over a provider, as its documentation registers it, or the one that takes its place.</summary>
internal sealed class HybridCacheRival : Rival
{
    private readonly ServiceProvider _services;
    private readonly HybridCache _cache;
    private readonly HybridCacheEntryOptions _options;

    /// <param name="name">The name.</param>
    /// <param name="provider">Registers the <see cref="IDistributedCache"/>, and the cache if it is not Microsoft's.</param>
    /// <param name="isLocal">Whether the cache in the process may answer; without it every call goes to Redis.</param>
    public HybridCacheRival(string name, Action<IServiceCollection> provider, bool isLocal)
        : base(name, Ability.Basic)
    {
        var services = new ServiceCollection();
        provider(services);
        services.AddHybridCache();
        _services = services.BuildServiceProvider();
        _cache = _services.GetRequiredService<HybridCache>();
        _options = new()
        {
            Expiration = Lifetimes.Lifetime,
            Flags = isLocal ? HybridCacheEntryFlags.None : HybridCacheEntryFlags.DisableLocalCache,
        };
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<byte[]?> GetAsync(string key) =>
        await _cache.GetOrCreateAsync(key, static _ => ValueTask.FromResult<byte[]?>(null), Reading).ConfigureAwait(false);

    public override ValueTask SetAsync(string key, byte[] value, Expiry expiry) => _cache.SetAsync(key, value, _options);

    public override ValueTask RemoveAsync(string key) => _cache.RemoveAsync(key);

    public override ValueTask DisposeAsync() => _services.DisposeAsync();

    // A miss is a miss, and is not stored.
    private HybridCacheEntryOptions Reading => field ??= new()
    {
        Expiration = _options.Expiration,
        Flags = _options.Flags | HybridCacheEntryFlags.DisableDistributedCacheWrite | HybridCacheEntryFlags.DisableUnderlyingData,
    };
}
