using System.Diagnostics.Metrics;

namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>The instruments of all caches that share a meter factory.</summary>
/// <remarks>
/// Names follow OpenTelemetry's conventions; what StackExchange.Redis' own instrumentation reports of commands is not repeated. No tag has a key in it.
/// docs/observability.md lists the instruments.
/// </remarks>
internal sealed class CacheMetrics : IDisposable
{
    public const string NameTag = "prima.cache.name";
    public const string OperationTag = "prima.cache.operation";
    public const string OutcomeTag = "prima.cache.outcome";
    public const string ResultTag = "prima.cache.result";

    private static readonly Lazy<CacheMetrics> LazyShared = new(static () => new CacheMetrics(null));

    private readonly Meter? _own;

    public CacheMetrics(IMeterFactory? factory)
    {
        var meter = Meter = factory?.Create(PrimaRedisCacheTelemetry.MeterName) ?? (_own = new Meter(PrimaRedisCacheTelemetry.MeterName));
        Lookups = meter.CreateCounter<long>("prima.cache.lookups", "{entry}", "Entries asked for, by result: hit, miss, or degraded where Redis could not be asked.");
        Duration = meter.CreateHistogram(
            "prima.cache.operation.duration",
            "s",
            "How long operations took, by operation and outcome.",
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
        Errors = meter.CreateCounter<long>("prima.cache.errors", "{error}", "Faults of Redis or of the way to it, by kind.");
        PayloadSize = meter.CreateHistogram(
            "prima.cache.payload.size",
            "By",
            "Sizes of the values read and written, by operation.",
            tags: null,
            new InstrumentAdvice<long> { HistogramBucketBoundaries = [64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216] });
        BatchSize = meter.CreateHistogram(
            "prima.cache.batch.size",
            "{entry}",
            "Entries of a batch, by operation.",
            tags: null,
            new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 5, 10, 50, 100, 500, 1000, 5000, 10000, 100000] });
        Observe(meter);
    }

    /// <summary>For caches that are made without dependency injection.</summary>
    public static CacheMetrics Shared => LazyShared.Value;

    public Meter Meter { get; }

    /// <summary>The caches whose state is reported.</summary>
    public ObservedCaches<CacheState> Caches { get; } = new();

    public Counter<long> Lookups { get; }

    public Histogram<double> Duration { get; }

    public Counter<long> Errors { get; }

    public Histogram<long> PayloadSize { get; }

    public Histogram<long> BatchSize { get; }

    public void Dispose() => _own?.Dispose();

    private void Observe(Meter meter)
    {
        meter.CreateObservableGauge("prima.cache.breaker.state", () => OfServers<int>(static server => server.IsOpen ? 1 : 0), "{state}", "Per server: 0 = closed, it is asked; 1 = open, it is not, because it is not connected or does not answer.");
        meter.CreateObservableUpDownCounter("prima.cache.connections", () => OfServers<int>(static server => server.IsConnected ? 1 : 0), "{connection}", "Connections that are open.");
        meter.CreateObservableUpDownCounter("prima.cache.commands.outstanding", () => OfServers<long>(static server => server.OutstandingCommands), "{command}", "Commands that wait for an answer.");
        meter.CreateObservableUpDownCounter("prima.cache.connection.pool.size", () => Caches.Measure(static cache => cache.PoolSize), "{connection}", "Connections of the pool, open or not.");
        meter.CreateObservableCounter("prima.cache.connection.reconnects", () => Caches.Measure(static cache => cache.Reconnects), "{reconnect}", "How often a server was connected again.");
        meter.CreateObservableUpDownCounter("prima.cache.journal.length", () => Caches.Measure(static cache => cache.JournalLength), "{key}", "Keys whose removal or overwrite Redis missed.");
        meter.CreateObservableCounter("prima.cache.journal.replays", () => Caches.Measure(static cache => cache.JournalReplays), "{key}", "Keys that were removed from Redis after all.");
        meter.CreateObservableCounter("prima.cache.journal.overflows", () => Caches.Measure(static cache => cache.JournalOverflows), "{key}", "Keys that were dropped from the journal because it was full.");
        meter.CreateObservableGauge("prima.cache.server.memory", () => OfServers(static server => server.Sample?.UsedMemory), "By", "Memory that the server says it uses; sampled, see ServerSamplingInterval.");
        meter.CreateObservableCounter("prima.cache.server.evictions", () => OfServers(static server => server.Sample?.EvictedKeys), "{key}", "Keys that the server says it evicted; sampled.");
        meter.CreateObservableGauge("prima.cache.server.hit_ratio", () => OfServers(static server => server.Sample?.HitRatio), "1", "Share of the server's lookups since its start that found a key; sampled.");
    }

    private IEnumerable<Measurement<T>> OfServers<T>(Func<ServerState, T?> measure)
        where T : struct
        =>
            from cache in Caches.States
            from server in cache.State.Servers
            let value = measure(server)
            where value is not null
            select new Measurement<T>(value.Value, cache.Name, new("server.address", server.EndPoint), new("prima.cache.connection", server.Connection));
}
