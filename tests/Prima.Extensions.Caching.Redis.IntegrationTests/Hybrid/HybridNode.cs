using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid;

/// <summary>One node of an application: a container with a <see cref="PrimaHybridCache"/> of its own.</summary>
internal sealed class HybridNode : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly ServiceProvider _services;

    private HybridNode(ServiceProvider services)
    {
        _services = services;
        Cache = services.GetRequiredService<PrimaHybridCache>();
        Redis = services.GetRequiredService<PrimaRedisCache>();
    }

    public PrimaHybridCache Cache { get; }

    public PrimaRedisCache Redis { get; }

    public IServiceProvider Services => _services;

    /// <summary>A node that is told of invalidations and takes leases.</summary>
    public static async Task<HybridNode> OpenAsync(
        string configuration, string instanceName, Action<PrimaHybridCacheOptions>? configure = null, Action<PrimaRedisCacheOptions>? configureRedis = null, Action<HybridCacheOptions>? configureHybrid = null,
        Action<IHybridCacheBuilder>? build = null)
    {
        var node = Open(configuration, instanceName, configure, configureRedis, configureHybrid, build);
        await node.ReadyAsync();
        return node;
    }

    /// <summary>A node that may not be told of anything yet.</summary>
    public static HybridNode Open(
        string configuration, string instanceName, Action<PrimaHybridCacheOptions>? configure = null, Action<PrimaRedisCacheOptions>? configureRedis = null, Action<HybridCacheOptions>? configureHybrid = null,
        Action<IHybridCacheBuilder>? build = null)
    {
        var services = new ServiceCollection();
        var builder = services.AddPrimaRedisCache(options =>
        {
            options.Configuration = configuration;
            options.InstanceName = instanceName;
            configureRedis?.Invoke(options);
        }).AddPrimaHybridCache(configure);
        if (configureHybrid is not null)
        {
            services.Configure(configureHybrid);
        }

        build?.Invoke(builder);
        return new(services.BuildServiceProvider());
    }

    public Task ReadyAsync() => Poll.UntilAsync("told of invalidations, and leases", Deadline, () => Cache.Source.IsArmed("any") && Cache.Leases.IsOpen);

    /// <summary>Waits until no own write is being compared any more.</summary>
    public Task VerifiedAsync() => Poll.UntilAsync("own writes compared", Deadline, () => Cache.Verifications == 0);

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
