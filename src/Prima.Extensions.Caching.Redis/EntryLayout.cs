using System.Diagnostics.CodeAnalysis;

namespace Prima.Extensions.Caching.Redis;

/// <summary>How an entry is written to Redis. Whatever is chosen, both layouts are read.</summary>
public enum EntryLayout
{
    /// <summary>One HASH per key, byte for byte as Microsoft.Extensions.Caching.StackExchangeRedis writes it.</summary>
    /// <remarks>Fields <c>absexp</c>, <c>sldexp</c> (ticks, <c>-1</c> = none) and <c>data</c>. Nodes on Microsoft's provider read and write the same entries.</remarks>
    Hash = 0,

    /// <summary>One STRING per key: a frame of a few bytes, then the value. Smaller and faster, and not readable by Microsoft's provider.</summary>
    [SuppressMessage("Naming", "CA1720:Identifiers should not contain type names", Justification = "It is the name of the Redis type.")]
    String = 1,
}
