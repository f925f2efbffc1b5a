using Microsoft.Extensions.Caching.Distributed;

namespace Prima.Extensions.Caching.Redis.Perf.Rivals;

internal static class Lifetimes
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(20);

    private static readonly DistributedCacheEntryOptions Absolute = new() { AbsoluteExpirationRelativeToNow = Lifetime };
    private static readonly DistributedCacheEntryOptions Sliding = new() { SlidingExpiration = Lifetime };

    public static DistributedCacheEntryOptions Options(this Expiry expiry) => expiry == Expiry.Sliding ? Sliding : Absolute;
}
