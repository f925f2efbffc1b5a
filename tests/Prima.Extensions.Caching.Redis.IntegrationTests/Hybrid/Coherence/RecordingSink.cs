using System.Collections.Concurrent;
using Prima.Extensions.Caching.Redis.Hybrid;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid.Coherence;

/// <summary>Takes note of what a source says to an L1, in order.</summary>
internal sealed class RecordingSink : IInvalidationSink
{
    private readonly ConcurrentQueue<string> _events = new();

    /// <summary>What was said of the lag.</summary>
    public ConcurrentQueue<TimeSpan> Lags { get; } = new();

    public IReadOnlyList<string> Events => [.. _events];

    public void Invalidate(string key, bool mayBeOwn) => _events.Enqueue($"key {key}");

    public void InvalidateTag(string tag, long stamp) => _events.Enqueue($"tag {tag} {stamp}");

    public void TookIn(TimeSpan lag) => Lags.Enqueue(lag);

    public void Clear(ClearReason reason) => _events.Enqueue($"clear {reason}");

    public int Count(string happening) => Events.Count(other => other == happening);

    /// <summary>Forgets what happened before.</summary>
    public void Forget() => _events.Clear();
}
