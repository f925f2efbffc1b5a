using Prima.Extensions.Caching.Redis.Hybrid.Leases;
using Prima.Extensions.Caching.Redis.Hybrid.Local;
using Prima.Extensions.Caching.Redis.Hybrid.Tags;

namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>What was so when a value began to be made. In this order: what happens in between is rather seen twice than not at all.</summary>
/// <param name="Guard">Knows whether the key was written or removed since.</param>
/// <param name="Lease">The lease that the value is made under; <see langword="null"/> = none.</param>
/// <param name="Stamps">Know whether a tag was removed since.</param>
/// <param name="IsArmed">Whether invalidations of the key, and removals of the tags, came in.</param>
/// <param name="Created">The creation time: UTC ticks.</param>
internal readonly record struct Making(ReadGuard Guard, Lease? Lease, TagStamp[] Stamps, bool IsArmed, long Created)
{
    public bool IsRemovedByTag()
    {
        foreach (var stamp in Stamps)
        {
            if (stamp.Covers(Created))
            {
                return true;
            }
        }

        return false;
    }
}
