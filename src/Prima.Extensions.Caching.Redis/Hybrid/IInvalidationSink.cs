namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>The L1, as its <see cref="IInvalidationSource"/> sees it. Calls come from the source's threads, never block and never throw.</summary>
internal interface IInvalidationSink
{
    /// <summary>Somebody wrote, removed or lost what is under <paramref name="key"/> (without the instance name).</summary>
    /// <param name="key">The key.</param>
    /// <param name="mayBeOwn">Whether it may be the echo of a write of this node.</param>
    void Invalidate(string key, bool mayBeOwn);

    /// <summary>Entries with <paramref name="tag"/> that are not younger than <paramref name="stamp"/> (UTC ticks) are gone.</summary>
    void InvalidateTag(string tag, long stamp);

    /// <summary>Everything that was announced until a moment ago is taken in.</summary>
    /// <param name="lag">How long ago that was: no invalidation up to then took longer.</param>
    void TookIn(TimeSpan lag);

    /// <summary>Invalidations may have been missed, or everything was removed: nothing that is held now may be answered again.</summary>
    void Clear(ClearReason reason);
}
