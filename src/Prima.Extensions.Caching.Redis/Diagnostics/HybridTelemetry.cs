using System.Diagnostics;

namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>What one hybrid cache reports. Costs nothing but a look where nobody listens.</summary>
/// <param name="metrics">The instruments.</param>
/// <param name="cacheName">Tells caches of one application apart.</param>
internal sealed class HybridTelemetry(HybridMetrics metrics, string cacheName) : IDisposable
{
    private const string SourceTag = "prima.cache.source";
    private const string CauseTag = "prima.cache.cause";
    private const string ReasonTag = "prima.cache.reason";

    private readonly KeyValuePair<string, object?> _name = new(CacheMetrics.NameTag, cacheName);

    /// <summary>Reports the size of the L1 whenever metrics are collected.</summary>
    public void Observe(Func<LocalState> state) => metrics.Caches.Add(this, _name, state);

    /// <summary>Ends what <see cref="Observe"/> began.</summary>
    public void Dispose() => metrics.Caches.Remove(this);

    public void LocalHit()
    {
        if (metrics.LocalRequests.Enabled)
        {
            metrics.LocalRequests.Add(1, _name, new(CacheMetrics.ResultTag, "hit"));
        }
    }

    public void LocalMiss()
    {
        if (metrics.LocalRequests.Enabled)
        {
            metrics.LocalRequests.Add(1, _name, new(CacheMetrics.ResultTag, "miss"));
        }
    }

    public void DistributedRead(string result) => metrics.DistributedRequests.Add(1, _name, new(CacheMetrics.ResultTag, result));

    public void Joined() => metrics.Joined.Add(1, _name);

    public void FillRefused() => metrics.FillsRefused.Add(1, _name);

    public void Invalidated(string source) => metrics.Invalidations.Add(1, _name, new(SourceTag, source));

    public void LocalRemoved(string cause) => metrics.Removals.Add(1, _name, new(CauseTag, cause));

    public void Flushed(string reason) => metrics.Flushes.Add(1, _name, new(ReasonTag, reason));

    /// <summary>A timestamp for <see cref="FactoryEnded"/> and <see cref="LeaseWaited"/>; 0 when nobody measures.</summary>
    public long Begin() => metrics.MeasuresTime ? Stopwatch.GetTimestamp() : 0;

    public void FactoryEnded(long began, bool succeeded)
    {
        if (began != 0)
        {
            metrics.FactoryDuration.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, _name, new(CacheMetrics.OutcomeTag, succeeded ? "success" : "failure"));
        }
    }

    public void LeaseWaited(long began)
    {
        if (began != 0)
        {
            metrics.LeaseWait.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, _name);
        }
    }

    /// <summary>Everything that was announced <paramref name="lag"/> ago is taken in.</summary>
    public void InvalidationsTakenIn(string source, TimeSpan lag) => metrics.InvalidationLag.Record(lag.TotalSeconds, _name, new(SourceTag, source));

    public Activity? StartRead() => Start("prima.cache.l2.read");

    public Activity? StartWrite() => Start("prima.cache.l2.write");

    public Activity? StartFactory() => Start("prima.cache.factory");

    private Activity? Start(string name) => CacheTelemetry.Source.StartActivity(name)?.SetTag(_name.Key, _name.Value);
}
