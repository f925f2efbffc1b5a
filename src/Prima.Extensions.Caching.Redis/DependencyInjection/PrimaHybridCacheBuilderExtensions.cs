using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Prima.Extensions.Caching.Redis;
using Prima.Extensions.Caching.Redis.Diagnostics;
using Prima.Extensions.Caching.Redis.Hybrid;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Prima.Extensions.Caching.Redis.Hybrid.Serialization;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers <see cref="PrimaHybridCache"/>.</summary>
public static class PrimaHybridCacheBuilderExtensions
{
    /// <summary>Adds a <see cref="HybridCache"/> over the cache: in place of one that <c>AddHybridCache</c> added before, or adds later.</summary>
    /// <remarks>
    /// <para>One singleton answers for <see cref="HybridCache"/> and <see cref="PrimaHybridCache"/>; over a keyed cache, under its key, with an L1 of its own.</para>
    /// <para><see cref="HybridCacheOptions"/> apply as they do to Microsoft's; for a keyed cache those of the same name as the cache's options. A cache that
    /// <see cref="HybridCacheOptions.DistributedCacheServiceKey"/> names must be a <see cref="PrimaRedisCache"/>.</para>
    /// </remarks>
    /// <param name="builder">What <c>AddPrimaRedisCache</c> or <c>AddKeyedPrimaRedisCache</c> returned.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>Microsoft's builder, for serializers.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static IHybridCacheBuilder AddPrimaHybridCache(this IPrimaRedisCacheBuilder builder, Action<PrimaHybridCacheOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var (services, key, name) = (builder.Services, builder.ServiceKey, builder.OptionsName);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PrimaHybridCacheOptions>, PrimaHybridCacheOptionsValidator>());
        services.TryAddSingleton<HybridMetrics>();
        var options = services.AddOptions<PrimaHybridCacheOptions>(name).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        // Options, serializers and the builder are Microsoft's; its cache is not made.
        var hybridBuilder = key is null ? services.AddHybridCache() : services.AddKeyedHybridCache(key, name);
        if (key is null)
        {
            services.RemoveAll<HybridCache>();
            services.TryAddSingleton(provider => Create(provider, serviceKey: null, name));
            services.AddSingleton<HybridCache>(static provider => provider.GetRequiredService<PrimaHybridCache>());
        }
        else
        {
            services.RemoveAllKeyed<HybridCache>(key);
            services.TryAddKeyedSingleton(key, (provider, serviceKey) => Create(provider, serviceKey, name));
            services.AddKeyedSingleton<HybridCache>(key, static (provider, serviceKey) => provider.GetRequiredKeyedService<PrimaHybridCache>(serviceKey));
        }

        return hybridBuilder;
    }

    private static PrimaHybridCache Create(IServiceProvider provider, object? serviceKey, string name) => new(Settings(provider, serviceKey, name));

    /// <summary>What a cache is made of. The coherence checker puts parts with a defect in their place.</summary>
    internal static HybridSettings Settings(IServiceProvider provider, object? serviceKey, string name)
    {
        var hybridOptions = provider.GetRequiredService<IOptionsMonitor<HybridCacheOptions>>().Get(name);
        var redisKey = hybridOptions.DistributedCacheServiceKey ?? serviceKey;
        var redis = (redisKey is null ? provider.GetService<PrimaRedisCache>() : provider.GetKeyedService<PrimaRedisCache>(redisKey))
            ?? throw new InvalidOperationException($"{nameof(HybridCacheOptions)}.{nameof(HybridCacheOptions.DistributedCacheServiceKey)} is '{redisKey}'. It must be the key of a {nameof(PrimaRedisCache)}.");
        var options = provider.GetRequiredService<IOptionsMonitor<PrimaHybridCacheOptions>>().Get(name);
        var loggerFactory = provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
        var time = provider.GetService<TimeProvider>() ?? TimeProvider.System;

        // A clock that a test stops must not stop what goes on between this node and Redis.
        var parts = new CoherenceParts(redis, redis.Options, options.LeaseDuration, loggerFactory, TimeProvider.System);
        return new()
        {
            Redis = redis,
            RedisOptions = redis.Options,
            Options = options,
            HybridOptions = hybridOptions,
            Types = new TypeTable(provider, options),
            Telemetry = new HybridTelemetry(provider.GetRequiredService<HybridMetrics>(), serviceKey is null ? "default" : $"{serviceKey}"),
            LoggerFactory = loggerFactory,
            Time = time,
            Source = parts.Source,
            Clock = parts.Clock,
            Leases = parts.Leases,
            Start = parts.Start,
            Parts = parts,
        };
    }
}
