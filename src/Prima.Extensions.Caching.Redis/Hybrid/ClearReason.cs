namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>Why an L1 was emptied.</summary>
internal enum ClearReason
{
    /// <summary>The connection that invalidations come over was lost.</summary>
    ConnectionLost,

    /// <summary>The source is armed (again): what was read before may be old.</summary>
    Armed,

    /// <summary>A message of another node is missing.</summary>
    Gap,

    /// <summary>Redis announced FLUSHDB or FLUSHALL.</summary>
    Flushed,

    /// <summary>A slot moved, or another server became a primary.</summary>
    TopologyChanged,
}
