using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Prima.Extensions.Caching.Redis.Perf.Rivals;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.Perf.Fleet;

/// <summary>A <see cref="HybridCache"/>, Microsoft's or ours.</summary>
internal sealed class HybridNode(ServiceProvider services) : FleetNode
{
    private static readonly HybridCacheEntryOptions Options = new() { Expiration = Lifetimes.Lifetime, LocalCacheExpiration = Lifetimes.Lifetime };
    private static readonly HybridCacheEntryOptions OnlyLocal = new() { Flags = HybridCacheEntryFlags.DisableDistributedCache };

    private readonly HybridCache _cache = services.GetRequiredService<HybridCache>();

    private PrimaHybridCache Prima => (PrimaHybridCache)_cache;

    public override ValueTask<byte[]> GetOrCreateAsync(string key, Func<ValueTask<byte[]>> factory) =>
        _cache.GetOrCreateAsync(key, factory, static (factory, _) => factory(), Options);

    public ValueTask RemoveAsync(string key) => _cache.RemoveAsync(key);

    /// <summary>Whether the L1 has the entry. Only for ours.</summary>
    public async ValueTask<bool> IsLocalAsync(string key) => (await Prima.TryGetAsync<byte[]>(key, OnlyLocal).ConfigureAwait(false)).Found;

    /// <summary>Only then does the L1 keep what is set. Only for ours.</summary>
    public Task UntilToldOfInvalidationsAsync() => Poll.UntilAsync("told of invalidations", TimeSpan.FromSeconds(20), async () =>
    {
        var key = Guid.NewGuid().ToString("N");
        await _cache.SetAsync(key, Array.Empty<byte>());
        return await IsLocalAsync(key);
    });

    public override ValueTask DisposeAsync() => services.DisposeAsync();
}
