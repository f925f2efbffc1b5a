using System.Diagnostics;
using Microsoft.Extensions.Caching.Distributed;
using ZiggyCreatures.Caching.Fusion;

namespace Prima.Extensions.Caching.Redis.Perf.Rivals;

/// <summary>FusionCache with both levels and everything at its defaults: all callers get the same instance.</summary>
internal sealed class FusionTwoLevelRival : TwoLevelRival
{
    private readonly FusionCache _cache = new(new FusionCacheOptions());
    private readonly FusionCacheEntryOptions _options = new(Lifetimes.Lifetime);
    private readonly IDistributedCache _provider;

    public FusionTwoLevelRival(IDistributedCache provider)
        : base(RivalNames.Fusion)
    {
        _provider = provider;
        _cache.SetupDistributedCache(provider, new FusionCacheMessagePackSerializer());
    }

    public override ValueTask SetAsync<T>(string key, T value) => _cache.SetAsync(key, value, _options);

    public override ValueTask<T> GetAsync<T>(string key) => _cache.GetOrSetAsync<T>(key, static (_, _) => Missing<T>().AsTask(), _options);

    public override async Task<long> ReadAsync<T>(string key, TimeSpan slice)
    {
        var start = Stopwatch.GetTimestamp();
        long reads = 0;
        do
        {
            for (var i = 0; i < HitsAtATime; i++)
            {
                _ = await _cache.GetOrSetAsync<T>(key, static (_, _) => Missing<T>().AsTask(), _options).ConfigureAwait(false);
            }

            reads += HitsAtATime;
        }
        while (Stopwatch.GetElapsedTime(start) < slice);
        return reads;
    }

    public override ValueTask DisposeAsync()
    {
        _cache.Dispose();
        ((IDisposable)_provider).Dispose();
        return ValueTask.CompletedTask;
    }
}
