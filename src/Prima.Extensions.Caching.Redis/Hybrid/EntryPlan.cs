using Microsoft.Extensions.Caching.Hybrid;

namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>What the options of a call come to.</summary>
/// <param name="Flags">What is not to be done.</param>
/// <param name="Expiration">How long the entry lives.</param>
/// <param name="LocalExpiration">How long it lives in the L1.</param>
/// <param name="Tags">Its tags.</param>
internal readonly record struct EntryPlan(HybridCacheEntryFlags Flags, TimeSpan Expiration, TimeSpan LocalExpiration, string[] Tags)
{
    public bool ReadsLocal => (Flags & HybridCacheEntryFlags.DisableLocalCacheRead) == 0;

    public bool WritesLocal => (Flags & HybridCacheEntryFlags.DisableLocalCacheWrite) == 0;

    public bool ReadsDistributed => (Flags & HybridCacheEntryFlags.DisableDistributedCacheRead) == 0;

    public bool WritesDistributed => (Flags & HybridCacheEntryFlags.DisableDistributedCacheWrite) == 0;

    /// <summary>Whether what is made is kept at all.</summary>
    public bool Keeps => WritesLocal || WritesDistributed;

    public bool RunsFactory => (Flags & HybridCacheEntryFlags.DisableUnderlyingData) == 0;

    public bool TakesLease => ReadsDistributed && WritesDistributed && (Flags & PrimaHybridCacheEntryFlags.DisableLease) == 0;
}
