namespace Prima.Extensions.Caching.Redis;

/// <summary>What a caller sees when Redis cannot be used.</summary>
/// <remarks>Wrong arguments, wrong configuration and cancellation always throw.</remarks>
public enum FailureMode
{
    /// <summary>A failed read is a miss; a failed write is dropped and logged. The application goes on without its cache.</summary>
    Degrade = 0,

    /// <summary>Every fault of Redis reaches the caller as the exception of StackExchange.Redis.</summary>
    Throw = 1,
}
