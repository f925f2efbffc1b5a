using System.Diagnostics;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Prima.Extensions.Caching.Redis.Perf.Rivals;

/// <summary>A <see cref="HybridCache"/> with everything at its defaults, but the time that entries live: ours or Microsoft's.</summary>
internal class HybridTwoLevelRival : TwoLevelRival
{
    private static readonly HybridCacheEntryOptions Options = new() { Expiration = Lifetimes.Lifetime, LocalCacheExpiration = Lifetimes.Lifetime };
    private static readonly HybridCacheEntryOptions Distributed = new() { Expiration = Lifetimes.Lifetime, Flags = HybridCacheEntryFlags.DisableLocalCache };

    private readonly ServiceProvider _services;
    private readonly HybridCache _cache;

    public HybridTwoLevelRival(string name, Action<IServiceCollection> register)
        : base(name)
    {
        var services = new ServiceCollection();
        register(services);
        _services = services.BuildServiceProvider();
        _cache = _services.GetRequiredService<HybridCache>();
    }

    protected HybridCache Cache => _cache;

    /// <summary>What reads past the L1, from Redis.</summary>
    protected static HybridCacheEntryOptions PastLocal => Distributed;

    public override ValueTask SetAsync<T>(string key, T value) => _cache.SetAsync(key, value, Options);

    public override ValueTask<T> GetAsync<T>(string key) => _cache.GetOrCreateAsync(key, static _ => Missing<T>(), Options);

    public override async Task<long> ReadAsync<T>(string key, TimeSpan slice)
    {
        var start = Stopwatch.GetTimestamp();
        long reads = 0;
        do
        {
            for (var i = 0; i < HitsAtATime; i++)
            {
                _ = await _cache.GetOrCreateAsync(key, static _ => Missing<T>(), Options).ConfigureAwait(false);
            }

            reads += HitsAtATime;
        }
        while (Stopwatch.GetElapsedTime(start) < slice);
        return reads;
    }

    /// <summary>Reads a key from Redis, past the L1.</summary>
    public ValueTask<T> GetDistributedAsync<T>(string key) => _cache.GetOrCreateAsync(key, static _ => Missing<T>(), Distributed);

    public override ValueTask DisposeAsync() => _services.DisposeAsync();
}
