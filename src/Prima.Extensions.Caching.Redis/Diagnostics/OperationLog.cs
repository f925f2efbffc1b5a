using Microsoft.Extensions.Logging;

namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>Events 2000 to 2999: operations at the door to Redis.</summary>
internal static partial class OperationLog
{
    [LoggerMessage(2000, LogLevel.Warning, "Redis could not serve '{Operation}': {Fault}. The same fault is logged at Debug until it has not occurred for half a minute.", EventName = "RedisFailed")]
    public static partial void RedisFailed(ILogger logger, string operation, string fault);

    [LoggerMessage(2001, LogLevel.Debug, "'{Operation}' failed: {Fault}.", EventName = "OperationFailed")]
    public static partial void OperationFailed(ILogger logger, string operation, string fault);

    [LoggerMessage(2002, LogLevel.Warning, "Redis cannot be used now: '{Operation}' was not sent. Reads are misses and writes are dropped until it is back.", EventName = "RedisNotConnected")]
    public static partial void RedisNotConnected(ILogger logger, string operation);

    [LoggerMessage(2003, LogLevel.Debug, "'{Operation}' was not sent: Redis cannot be used now.", EventName = "OperationSkipped")]
    public static partial void OperationSkipped(ILogger logger, string operation);

    [LoggerMessage(2004, LogLevel.Information, "Redis serves again, after {Duration}: {Failed} operations failed and {Skipped} were not sent.", EventName = "RedisRecovered")]
    public static partial void RedisRecovered(ILogger logger, TimeSpan duration, long failed, long skipped);

    [LoggerMessage(2005, LogLevel.Warning, "Redis missed a removal or an overwrite. The key is a miss on this node until it is removed from Redis; other nodes may see the old entry until then.", EventName = "JournalStarted")]
    public static partial void JournalStarted(ILogger logger);

    [LoggerMessage(2006, LogLevel.Information, "All that Redis had missed is made good: {Replayed} keys were removed after all since the start, {Dropped} had been dropped from the journal.", EventName = "JournalEmptied")]
    public static partial void JournalEmptied(ILogger logger, long replayed, long dropped);

    [LoggerMessage(2007, LogLevel.Error, "The journal of what Redis missed is full with {Count} keys: the oldest are dropped from now on, and Redis may show removed data under them until they expire. See JournalCapacity; once Redis is back, clear the cache if that must not be.", EventName = "JournalOverflowed")]
    public static partial void JournalOverflowed(ILogger logger, int count);

    [LoggerMessage(2008, LogLevel.Error, "The cache was closed before {Count} keys could be removed from Redis: it may show removed data under them until they expire.", EventName = "JournalLost")]
    public static partial void JournalLost(ILogger logger, int count);
}
