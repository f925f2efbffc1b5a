using Microsoft.Extensions.Diagnostics.HealthChecks;
using Prima.Extensions.Caching.Redis;
using Prima.Extensions.Caching.Redis.Hybrid;
using Prima.Extensions.Caching.Redis.Operations;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the health checks of <see cref="PrimaRedisCache"/> and <see cref="PrimaHybridCache"/>.</summary>
public static class PrimaRedisCacheHealthChecksBuilderExtensions
{
    private const string DefaultName = "prima-redis-cache";
    private const string DefaultHybridName = "prima-hybrid-cache";

    /// <summary>Adds a check of the cache: healthy, degraded while a server cannot be used, only replicas can, or Redis has not caught up with what it missed.</summary>
    /// <remarks>Its data name the servers, the round trip, whether a server is left alone, and how many keys wait in the journal; no key, value or secret.</remarks>
    /// <param name="builder">The builder to add to.</param>
    /// <param name="name">The name of the check; <see langword="null"/> = <c>prima-redis-cache</c>, with the key of a keyed cache behind it.</param>
    /// <param name="failureStatus">
    /// What to report while no server can be used. The default is <see cref="HealthStatus.Degraded"/>, because the application works without its cache, and a
    /// probe must not take it down; <see cref="HealthStatus.Unhealthy"/> where it does not.
    /// </param>
    /// <param name="tags">Tags of the check.</param>
    /// <param name="serviceKey">The key of a cache that was added with one; <see langword="null"/> = the cache without.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static IHealthChecksBuilder AddPrimaRedisCache(
        this IHealthChecksBuilder builder,
        string? name = null,
        HealthStatus failureStatus = HealthStatus.Degraded,
        IEnumerable<string>? tags = null,
        object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(Registration(name, DefaultName, static (PrimaRedisCache cache) => new CacheHealthCheck(cache), failureStatus, tags, serviceKey));
    }

    /// <summary>Adds a check of the hybrid cache: healthy while its L1 knows of all that happens to entries in Redis, and so may answer.</summary>
    /// <remarks>Its data name the source of invalidations, whether it is armed, why it is not tracking if it is not, and how much the L1 holds; no key, value or secret.</remarks>
    /// <param name="builder">The builder to add to.</param>
    /// <param name="name">The name of the check; <see langword="null"/> = <c>prima-hybrid-cache</c>, with the key of a keyed cache behind it.</param>
    /// <param name="failureStatus">What to report while the L1 does not answer, for some keys at least. The default is <see cref="HealthStatus.Degraded"/>: reads go to Redis.</param>
    /// <param name="tags">Tags of the check.</param>
    /// <param name="serviceKey">The key of a cache that was added with one; <see langword="null"/> = the cache without.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static IHealthChecksBuilder AddPrimaHybridCache(
        this IHealthChecksBuilder builder,
        string? name = null,
        HealthStatus failureStatus = HealthStatus.Degraded,
        IEnumerable<string>? tags = null,
        object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(Registration(name, DefaultHybridName, static (PrimaHybridCache cache) => new HybridHealthCheck(cache), failureStatus, tags, serviceKey));
    }

    private static HealthCheckRegistration Registration<TCache>(
        string? name, string defaultName, Func<TCache, IHealthCheck> check, HealthStatus failureStatus, IEnumerable<string>? tags, object? serviceKey)
        where TCache : notnull => new(
            name ?? (serviceKey is null ? defaultName : $"{defaultName}-{serviceKey}"),
            provider => check(serviceKey is null ? provider.GetRequiredService<TCache>() : provider.GetRequiredKeyedService<TCache>(serviceKey)),
            failureStatus,
            tags);
}
