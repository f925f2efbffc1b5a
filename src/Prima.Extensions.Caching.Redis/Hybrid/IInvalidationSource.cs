using Prima.Extensions.Caching.Redis.Hybrid.Coherence;

namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>Tells an L1 what happened to entries in Redis that it may hold copies of.</summary>
internal interface IInvalidationSource : IAsyncDisposable
{
    /// <summary>The name in logs, metrics and the health check: <c>tracking</c> or <c>channel</c>.</summary>
    string Name { get; }

    /// <summary>Begins to listen, and goes on until disposed. Never waits for Redis.</summary>
    void Start(IInvalidationSink sink);

    /// <summary>Whether what happens to <paramref name="key"/> from now on is known to be announced. Costs nanoseconds and allocates nothing.</summary>
    bool IsArmed(string key);

    /// <summary>Whether that holds for all keys at <paramref name="now"/>, which is <see cref="ArmedTime.Now"/>. Asked for every L1 hit.</summary>
    bool IsArmedForAll(long now);

    /// <summary>Whether it can be that some keys are armed and others are not, as on a cluster.</summary>
    bool IsDivided { get; }

    /// <summary>Announces to the other nodes that this node wrote or removed <paramref name="keys"/>, where Redis does not do so by itself.</summary>
    void Announce(IReadOnlyList<string> keys);

    /// <summary>The same for a tag that was removed.</summary>
    void AnnounceTag(string tag, long stamp);
}
