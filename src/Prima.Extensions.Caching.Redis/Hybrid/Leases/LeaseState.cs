namespace Prima.Extensions.Caching.Redis.Hybrid.Leases;

/// <summary>What came of an attempt to take a lease.</summary>
internal enum LeaseState
{
    /// <summary>Redis could not be asked. What is made now is not to be written there: nobody would know whether it was removed meanwhile.</summary>
    Unavailable,

    /// <summary>The server, or this user's rights, do not allow leases: each node is on its own, and writes what it makes.</summary>
    Unsupported,

    /// <summary>The lease is this claimant's: it makes the value, and fills or releases.</summary>
    Held,

    /// <summary>Somebody else has it: wait, then read again.</summary>
    Busy,

    /// <summary>There is another entry than the claimant saw: read again.</summary>
    Changed,
}
