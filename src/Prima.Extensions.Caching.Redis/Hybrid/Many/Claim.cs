using Prima.Extensions.Caching.Redis.Hybrid.Leases;

namespace Prima.Extensions.Caching.Redis.Hybrid.Many;

/// <summary>One key of a batch that is to be made, and the lease that was asked for it.</summary>
internal readonly record struct Claim(string Key, Lease? Lease)
{
    /// <summary>Whether this caller is to make the value: it holds the lease, or there are none.</summary>
    public bool IsMine => Lease is null or { State: not (LeaseState.Busy or LeaseState.Changed) };
}
