namespace Prima.Extensions.Caching.Redis.Hybrid.Local;

/// <summary>Why an entry left the L1.</summary>
internal enum RemovalCause
{
    /// <summary>There were more entries, or more bytes, than allowed.</summary>
    Capacity,

    /// <summary>Its life was over.</summary>
    Expired,

    /// <summary>Somebody wrote or removed what is under its key.</summary>
    Invalidated,

    /// <summary>One of its tags was removed.</summary>
    Tag,

    /// <summary>A newer value took its place.</summary>
    Replaced,

    /// <summary>The whole L1 was emptied.</summary>
    Cleared,
}
