using System.Diagnostics;

namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>What one cache reports of its operations. Costs nothing but a look where nobody listens.</summary>
/// <param name="metrics">The instruments.</param>
/// <param name="cacheName">Tells caches of one application apart.</param>
internal sealed class CacheTelemetry(CacheMetrics metrics, string cacheName) : IDisposable
{
    /// <summary>The source of all spans of the library.</summary>
    internal static readonly ActivitySource Source = new(PrimaRedisCacheTelemetry.ActivitySourceName);

    public KeyValuePair<string, object?> NameTag { get; } = new(CacheMetrics.NameTag, cacheName);

    /// <summary>Reports <paramref name="state"/> whenever metrics are collected.</summary>
    public void Observe(Func<CacheState> state) => metrics.Caches.Add(this, NameTag, state);

    /// <summary>Ends what <see cref="Observe"/> began.</summary>
    public void Dispose() => metrics.Caches.Remove(this);

    /// <summary>Begins an operation. Every one that is begun is ended.</summary>
    /// <param name="operation">The operation's name.</param>
    /// <param name="isLookup">Whether it asks for values, so that hits and misses are to be counted.</param>
    public Observation Begin(string operation, bool isLookup)
    {
        var activity = Source.HasListeners() ? Source.StartActivity(operation, ActivityKind.Client) : null;
        return new(operation, isLookup, metrics.Duration.Enabled ? Stopwatch.GetTimestamp() : 0, activity);
    }

    public void End(in Observation observation, BatchOutcome outcome, Exception? fault)
    {
        Looked(observation, outcome, 1);
        End(observation, outcome.Text(), fault, batchSize: null);
    }

    /// <summary>Ends an operation that an exception ended: mostly its caller cancelled it.</summary>
    public void Abandon(in Observation observation, Exception exception) =>
        End(observation, exception is OperationCanceledException ? "canceled" : BatchOutcome.Failed.Text(), exception, batchSize: null);

    public void End(in Observation observation, BatchResult result)
    {
        if (!metrics.Lookups.Enabled && !metrics.BatchSize.Enabled && observation is { StartedAt: 0, Activity: null })
        {
            return;
        }

        Span<int> counts = stackalloc int[BatchOutcomes.Count];
        for (var i = 0; i < result.Count; i++)
        {
            counts[(int)result.Outcomes[i]]++;
        }

        for (var outcome = 0; outcome < counts.Length; outcome++)
        {
            Looked(observation, (BatchOutcome)outcome, counts[outcome]);
        }

        metrics.BatchSize.Record(result.Count, NameTag, new(CacheMetrics.OperationTag, observation.Operation));
        End(observation, result.Succeeded ? "ok" : BatchOutcomes.Worst(counts).Text(), result.Errors.Count > 0 ? result.Errors[0].Exception : null, result.Count);
    }

    public void Failed(string operation, string kind) =>
        metrics.Errors.Add(1, NameTag, new(CacheMetrics.OperationTag, operation), new("error.type", kind));

    public void Transferred(string operation, long bytes)
    {
        if (metrics.PayloadSize.Enabled)
        {
            metrics.PayloadSize.Record(bytes, NameTag, new(CacheMetrics.OperationTag, operation));
        }
    }

    private void Looked(in Observation observation, BatchOutcome outcome, int count)
    {
        if (count > 0 && observation.IsLookup && metrics.Lookups.Enabled && outcome.AsLookup() is { } result)
        {
            metrics.Lookups.Add(count, NameTag, new(CacheMetrics.ResultTag, result));
        }
    }

    private void End(in Observation observation, string outcome, Exception? fault, int? batchSize)
    {
        Took(observation, outcome);
        Trace(observation, outcome, fault, batchSize);
    }

    private void Took(in Observation observation, string outcome)
    {
        if (observation.StartedAt != 0)
        {
            metrics.Duration.Record(
                Stopwatch.GetElapsedTime(observation.StartedAt).TotalSeconds,
                NameTag,
                new(CacheMetrics.OperationTag, observation.Operation),
                new(CacheMetrics.OutcomeTag, outcome));
        }
    }

    private void Trace(in Observation observation, string outcome, Exception? fault, int? batchSize)
    {
        if (observation.Activity is not { } activity)
        {
            return;
        }

        if (activity.IsAllDataRequested)
        {
            activity.SetTag("db.system.name", "redis");
            activity.SetTag("db.operation.name", observation.Operation);
            activity.SetTag(NameTag.Key, NameTag.Value);
            activity.SetTag(CacheMetrics.OutcomeTag, outcome);
            // The conventions call it a batch from two on.
            if (batchSize > 1)
            {
                activity.SetTag("db.operation.batch.size", batchSize);
            }

            if (fault is not null)
            {
                activity.Failed(fault);
            }
        }

        activity.Dispose();
    }
}
