namespace Prima.Extensions.Caching.Redis;

/// <summary>What a caller sees when Redis cannot be used.</summary>
/// <remarks>Wrong arguments, wrong configuration and cancellation always throw.</remarks>
public enum FailureMode
{
    /// <summary>
    /// A failed read is a miss; a failed write is dropped. A removal or an overwrite that failed is remembered, as long as the process lives: its key is a miss
    /// on this node, and is removed from Redis as soon as that answers again. The application goes on without its cache.
    /// </summary>
    Degrade = 0,

    /// <summary>Every fault of Redis reaches the caller as the exception of StackExchange.Redis.</summary>
    Throw = 1,
}
