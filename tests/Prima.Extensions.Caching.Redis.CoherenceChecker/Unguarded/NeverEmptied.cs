using Prima.Extensions.Caching.Redis.Hybrid;

namespace Prima.Extensions.Caching.Redis.CoherenceChecker.Unguarded;

/// <summary>The L1 does not hear that invalidations may have been lost.</summary>
internal sealed class NeverEmptied(IInvalidationSink local) : IInvalidationSink
{
    public void Invalidate(string key, bool mayBeOwn) => local.Invalidate(key, mayBeOwn);

    public void InvalidateTag(string tag, long stamp) => local.InvalidateTag(tag, stamp);

    public void TookIn(TimeSpan lag) => local.TookIn(lag);

    public void Clear(ClearReason reason)
    {
        // That is the point.
    }
}
