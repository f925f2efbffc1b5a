using System.Collections.Concurrent;
using System.Diagnostics;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Diagnostics;

/// <summary>The library's spans below a span of the test's own, so that tests beside each other do not see each other's.</summary>
internal sealed class RecordedSpans : IDisposable
{
    private readonly ConcurrentQueue<Activity> _spans = [];
    private readonly ActivityListener _listener;

    public RecordedSpans()
    {
        Parent = new Activity("test").Start();
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == PrimaRedisCacheTelemetry.ActivitySourceName,
            Sample = (ref options) => options.Parent.TraceId == Parent.TraceId ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (span.TraceId == Parent.TraceId)
                {
                    _spans.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public Activity Parent { get; }

    public IReadOnlyList<Activity> All => [.. _spans];

    public void Dispose()
    {
        _listener.Dispose();
        Parent.Dispose();
    }
}
