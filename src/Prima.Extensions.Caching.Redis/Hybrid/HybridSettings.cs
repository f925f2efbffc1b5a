using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Diagnostics;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Prima.Extensions.Caching.Redis.Hybrid.Leases;
using Prima.Extensions.Caching.Redis.Hybrid.Serialization;

namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>What a <see cref="PrimaHybridCache"/> is made of.</summary>
internal sealed record HybridSettings
{
    public required PrimaRedisCache Redis { get; init; }

    public required PrimaRedisCacheOptions RedisOptions { get; init; }

    public required PrimaHybridCacheOptions Options { get; init; }

    public required HybridCacheOptions HybridOptions { get; init; }

    public required TypeTable Types { get; init; }

    public required HybridTelemetry Telemetry { get; init; }

    public required ILoggerFactory LoggerFactory { get; init; }

    public required TimeProvider Time { get; init; }

    public required IInvalidationSource Source { get; init; }

    public required RedisClock Clock { get; init; }

    public required LeaseDesk Leases { get; init; }

    /// <summary>Begins to listen, into the L1.</summary>
    public required Action<IInvalidationSink> Start { get; init; }

    /// <summary>What ends with the cache.</summary>
    public required IAsyncDisposable Parts { get; init; }
}
