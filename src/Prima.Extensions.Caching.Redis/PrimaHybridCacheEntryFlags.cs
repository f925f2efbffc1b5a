using Microsoft.Extensions.Caching.Hybrid;

namespace Prima.Extensions.Caching.Redis;

/// <summary>Flags that <see cref="PrimaHybridCache"/> knows beyond Microsoft's.</summary>
public static class PrimaHybridCacheEntryFlags
{
    /// <summary>A miss of this entry takes no lease: every node that misses runs its factory.</summary>
    public const HybridCacheEntryFlags DisableLease = (HybridCacheEntryFlags)(1 << 24);
}
