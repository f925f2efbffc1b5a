using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace Prima.Extensions.Caching.Redis;

/// <summary>An entry to set: key, value, and expiration of its own.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value. Its memory is the caller's again when the batch has ended.</param>
/// <param name="Options">The expiration.</param>
public readonly record struct BatchEntry(string Key, ReadOnlySequence<byte> Value, DistributedCacheEntryOptions Options)
{
    /// <summary>An entry whose value is in one piece.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value. Its memory is the caller's again when the batch has ended.</param>
    /// <param name="options">The expiration.</param>
    public BatchEntry(string key, ReadOnlyMemory<byte> value, DistributedCacheEntryOptions options)
        : this(key, new ReadOnlySequence<byte>(value), options)
    {
    }
}
