using Microsoft.Extensions.Logging;

namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>Events 2000 to 2999: operations at the door to Redis.</summary>
internal static partial class OperationLog
{
    [LoggerMessage(2000, LogLevel.Warning, "Redis could not serve '{Operation}': {Fault}. More of the same within half a minute are logged at Debug.", EventName = "RedisFailed")]
    public static partial void RedisFailed(ILogger logger, string operation, string fault);

    [LoggerMessage(2001, LogLevel.Debug, "'{Operation}' failed: {Fault}.", EventName = "OperationFailed")]
    public static partial void OperationFailed(ILogger logger, string operation, string fault);

    [LoggerMessage(2002, LogLevel.Warning, "Redis is not connected: '{Operation}' was not sent. Reads are misses and writes are dropped until it is back.", EventName = "RedisNotConnected")]
    public static partial void RedisNotConnected(ILogger logger, string operation);

    [LoggerMessage(2003, LogLevel.Debug, "'{Operation}' was not sent: Redis is not connected.", EventName = "OperationSkipped")]
    public static partial void OperationSkipped(ILogger logger, string operation);

    [LoggerMessage(2004, LogLevel.Information, "Redis answers again.", EventName = "RedisRecovered")]
    public static partial void RedisRecovered(ILogger logger);
}
