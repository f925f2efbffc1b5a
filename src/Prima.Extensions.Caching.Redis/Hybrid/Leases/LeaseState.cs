namespace Prima.Extensions.Caching.Redis.Hybrid.Leases;

/// <summary>What came of an attempt to take a lease.</summary>
internal enum LeaseState
{
    /// <summary>There are no leases at the moment: Redis cannot be asked, or does not allow them. Each node is on its own.</summary>
    Unavailable,

    /// <summary>The lease is this claimant's: it makes the value, and fills or releases.</summary>
    Held,

    /// <summary>Somebody else has it: wait, then read again.</summary>
    Busy,

    /// <summary>There is another entry than the claimant saw: read again.</summary>
    Changed,
}
