using System.Diagnostics.CodeAnalysis;

namespace Prima.Extensions.Caching.Redis;

/// <summary>What became of one entry of a batch.</summary>
[SuppressMessage("Design", "CA1028:Enum Storage should be Int32", Justification = "A batch of a million entries keeps a million of them.")]
public enum BatchOutcome : byte
{
    /// <summary>Get: the entry was there.</summary>
    Hit = 0,

    /// <summary>Get, refresh: there is no such entry.</summary>
    Miss = 1,

    /// <summary>Set: Redis has the entry, with its expiration.</summary>
    Stored = 2,

    /// <summary>Refresh: the entry is there, and its sliding expiration, if it has one, starts anew.</summary>
    Refreshed = 3,

    /// <summary>Remove: Redis has no such entry, or no more.</summary>
    Removed = 4,

    /// <summary>The entry was wrong, or, with <see cref="FailureMode.Throw"/>, Redis failed on it or its value is too large; its error has the exception.</summary>
    Failed = 5,

    /// <summary>With <see cref="FailureMode.Degrade"/>, Redis failed on the entry or its value is too large: a read is a miss, a write may or may not have been applied, one that is too large was not; its error has the exception.</summary>
    Degraded = 6,

    /// <summary>Nothing was sent: the batch was cancelled before it came to this entry, or Redis cannot be used now, or has yet to be told of a removal of the key that it missed.</summary>
    Skipped = 7,
}
