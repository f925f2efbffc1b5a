using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Diagnostics;

/// <summary>A cache as an application registers it, and what its instruments measure.</summary>
internal sealed class ObservedCache : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public ObservedCache(string configuration, Action<PrimaRedisCacheOptions>? configure = null)
    {
        var services = new ServiceCollection().AddMetrics();
        services.AddPrimaRedisCache(options =>
        {
            options.Configuration = configuration;
            options.InstanceName = $"{Guid.NewGuid():N}:";
            configure?.Invoke(options);
        });
        _services = services.BuildServiceProvider();
        Metrics = new(_services.GetRequiredService<IMeterFactory>());
        Cache = _services.GetRequiredService<PrimaRedisCache>();
    }

    public PrimaRedisCache Cache { get; }

    public RecordedMetrics Metrics { get; }

    /// <summary>A cache that is connected: on a busy machine the first operation would not wait for that.</summary>
    public static async Task<ObservedCache> ConnectAsync(string configuration, Action<PrimaRedisCacheOptions>? configure = null)
    {
        var observed = new ObservedCache(configuration, configure);
        await Poll.UntilAsync("the cache is connected", TimeSpan.FromSeconds(60), async () => await observed.Cache.PingAsync(CancellationToken.None) is not null);
        return observed;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Metrics.Dispose();
    }
}
