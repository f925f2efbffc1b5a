using System.Diagnostics.Metrics;

namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>The instruments of all hybrid caches on one meter. docs/observability.md lists them.</summary>
internal sealed class HybridMetrics
{
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly ObservedCaches<LocalState> _caches = new();

    public HybridMetrics(CacheMetrics metrics)
    {
        var meter = metrics.Meter;
        LocalRequests = meter.CreateCounter<long>("prima.cache.l1.requests", "{request}", "Requests that looked into the L1, by result: hit, miss.");
        DistributedRequests = meter.CreateCounter<long>("prima.cache.l2.requests", "{request}", "Reads of Redis, by result: hit, miss, expired, rejected, failed.");
        Joined = meter.CreateCounter<long>("prima.cache.joined", "{request}", "Callers that waited for another caller's read or factory.");
        FillsRefused = meter.CreateCounter<long>("prima.cache.fills.refused", "{fill}", "Results of factories that were not kept, because the key was written or removed meanwhile.");
        Invalidations = meter.CreateCounter<long>("prima.cache.invalidations", "{invalidation}", "Invalidations that came in, by source.");
        Removals = meter.CreateCounter<long>("prima.cache.l1.removals", "{entry}", "Entries that left the L1, by cause.");
        Flushes = meter.CreateCounter<long>("prima.cache.l1.flushes", "{flush}", "How often the L1 was emptied, by reason.");
        FactoryDuration = meter.CreateHistogram("prima.cache.factory.duration", "s", "How long factories took, by outcome: success, failure.", tags: null, Seconds);
        LeaseWait = meter.CreateHistogram("prima.cache.lease.wait", "s", "How long callers waited for another node's factory.", tags: null, Seconds);
        InvalidationLag = meter.CreateHistogram("prima.cache.invalidation.lag", "s", "How long it takes at most until an invalidation is taken in, by source; measured by the probes, twice a second.", tags: null, Seconds);
        meter.CreateObservableUpDownCounter("prima.cache.l1.entries", () => _caches.Measure(static state => state.Entries), "{entry}", "Entries in the L1.");
        meter.CreateObservableUpDownCounter("prima.cache.l1.bytes", () => _caches.Measure(static state => state.Bytes), "By", "Bytes that the entries of the L1 take.");
    }

    public Counter<long> LocalRequests { get; }

    public Counter<long> DistributedRequests { get; }

    public Counter<long> Joined { get; }

    public Counter<long> FillsRefused { get; }

    public Counter<long> Invalidations { get; }

    public Counter<long> Removals { get; }

    public Counter<long> Flushes { get; }

    public Histogram<double> FactoryDuration { get; }

    public Histogram<double> LeaseWait { get; }

    public Histogram<double> InvalidationLag { get; }

    /// <summary>Whether anybody wants to know how long something takes.</summary>
    public bool MeasuresTime => FactoryDuration.Enabled || LeaseWait.Enabled;

    /// <summary>The caches whose L1 is reported.</summary>
    public ObservedCaches<LocalState> Caches => _caches;
}
