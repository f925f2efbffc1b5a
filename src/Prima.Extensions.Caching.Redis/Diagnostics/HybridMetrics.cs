using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>What a hybrid cache counts. Every measurement has the tag <c>cache</c>: the name of the cache's options, or <c>default</c>.</summary>
internal sealed class HybridMetrics : IDisposable
{
    private const string MeterName = "Prima.Extensions.Caching.Redis";

    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly Meter _meter;
    private readonly KeyValuePair<string, object?> _cache;
    private readonly Counter<long> _local;
    private readonly Counter<long> _distributed;
    private readonly Counter<long> _joined;
    private readonly Counter<long> _fillsRefused;
    private readonly Counter<long> _invalidations;
    private readonly Counter<long> _removals;
    private readonly Counter<long> _flushes;
    private readonly Histogram<double> _factory;
    private readonly Histogram<double> _leaseWait;
    private readonly Histogram<double> _lag;

    public HybridMetrics(IMeterFactory? meters, string cacheName)
    {
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _cache = new("cache", cacheName.Length == 0 ? "default" : cacheName);
        _local = _meter.CreateCounter<long>("prima.cache.l1.requests", "{request}", "Requests that looked into the L1, by result: hit, miss.");
        _distributed = _meter.CreateCounter<long>("prima.cache.l2.requests", "{request}", "Reads of Redis, by result: hit, miss, expired, rejected, failed.");
        _joined = _meter.CreateCounter<long>("prima.cache.joined", "{request}", "Callers that waited for another caller's read or factory.");
        _fillsRefused = _meter.CreateCounter<long>("prima.cache.fills.refused", "{fill}", "Results of factories that were not kept, because the key was written or removed meanwhile.");
        _invalidations = _meter.CreateCounter<long>("prima.cache.invalidations", "{invalidation}", "Invalidations that came in, by source.");
        _removals = _meter.CreateCounter<long>("prima.cache.l1.removals", "{entry}", "Entries that left the L1, by cause.");
        _flushes = _meter.CreateCounter<long>("prima.cache.l1.flushes", "{flush}", "How often the L1 was emptied, by reason.");
        _factory = _meter.CreateHistogram("prima.cache.factory.duration", "s", "How long factories took, by outcome: success, failure.", tags: null, Seconds);
        _lag = _meter.CreateHistogram("prima.cache.invalidation.lag", "s", "How long it takes at most until an invalidation is taken in, by source; measured by the probes, twice a second.", tags: null, Seconds);
        _leaseWait = _meter.CreateHistogram("prima.cache.lease.wait", "s", "How long callers waited for another node's factory.", tags: null, Seconds);
    }

    /// <summary>Lets the size of an L1 be observed.</summary>
    public void Observe(Func<long> entries, Func<long> bytes)
    {
        _meter.CreateObservableUpDownCounter("prima.cache.l1.entries", () => new Measurement<long>(entries(), _cache), "{entry}", "Entries in the L1.");
        _meter.CreateObservableUpDownCounter("prima.cache.l1.bytes", () => new Measurement<long>(bytes(), _cache), "By", "Bytes that the entries of the L1 take.");
    }

    public void LocalHit()
    {
        if (_local.Enabled)
        {
            _local.Add(1, _cache, new("result", "hit"));
        }
    }

    public void LocalMiss()
    {
        if (_local.Enabled)
        {
            _local.Add(1, _cache, new("result", "miss"));
        }
    }

    public void DistributedRead(string result) => _distributed.Add(1, _cache, new("result", result));

    public void Joined() => _joined.Add(1, _cache);

    public void FillRefused() => _fillsRefused.Add(1, _cache);

    public void Invalidated(string source) => _invalidations.Add(1, _cache, new("source", source));

    public void InvalidationsTookIn(string source, TimeSpan lag) => _lag.Record(lag.TotalSeconds, _cache, new("source", source));

    public void LocalRemoved(string cause) => _removals.Add(1, _cache, new("cause", cause));

    public void Flushed(string reason) => _flushes.Add(1, _cache, new("reason", reason));

    /// <summary>A timestamp for <see cref="FactoryEnded"/> and <see cref="LeaseWaited"/>; 0 when nobody measures.</summary>
    public long Begin() => _factory.Enabled || _leaseWait.Enabled ? Stopwatch.GetTimestamp() : 0;

    public void FactoryEnded(long began, bool succeeded)
    {
        if (began != 0)
        {
            _factory.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, _cache, new("outcome", succeeded ? "success" : "failure"));
        }
    }

    public void LeaseWaited(long began)
    {
        if (began != 0)
        {
            _leaseWait.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, _cache);
        }
    }

    public void Dispose() => _meter.Dispose();
}
