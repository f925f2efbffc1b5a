using Prima.Extensions.Caching.Redis.Hybrid.Flights;
using Prima.Extensions.Caching.Redis.Hybrid.Leases;

namespace Prima.Extensions.Caching.Redis.Hybrid.Many;

/// <summary>One key of a batch that is to be made.</summary>
/// <param name="Key">The key.</param>
/// <param name="Flight">Who waits for it; <see langword="null"/> = the key, or what another call made for it, cannot be used, and what is made is only handed out.</param>
/// <param name="Lease">The lease that was asked for it; <see langword="null"/> = none.</param>
internal readonly record struct Claim<T>(string Key, Flight<T>? Flight, Lease? Lease)
{
    /// <summary>Whether this caller is to make the value: it holds the lease, or there are none.</summary>
    public bool IsMine => Lease is null or { State: not (LeaseState.Busy or LeaseState.Changed) };
}
