using Prima.Extensions.Caching.Redis.Hybrid;
using Prima.Extensions.Caching.Redis.Hybrid.Local;

namespace Prima.Extensions.Caching.Redis.CoherenceChecker.Unguarded;

/// <summary>Invalidations evict what is in the L1. What is being read or made at that moment enters it all the same.</summary>
internal sealed class OnlyEvicting(LocalCache local) : IInvalidationSink
{
    public void Invalidate(string key, bool mayBeOwn)
    {
        if (local.TryGet(key, out var entry))
        {
            local.Remove(entry, RemovalCause.Invalidated);
        }
    }

    public void InvalidateTag(string tag, long stamp) => local.InvalidateTag(tag, stamp);

    public void TookIn(TimeSpan lag) => local.TookIn(lag);

    public void Clear(ClearReason reason) => local.Clear(reason);
}
