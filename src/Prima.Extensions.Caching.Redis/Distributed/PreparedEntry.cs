using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>An entry of a batch to set, or why there is none.</summary>
internal readonly record struct PreparedEntry(string? Key, ReadOnlySequence<byte> Value, DistributedCacheEntryOptions? Options, Exception? Wrong);
