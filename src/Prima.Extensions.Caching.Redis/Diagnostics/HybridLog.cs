using Microsoft.Extensions.Logging;

namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>Events 4000 to 4999: the hybrid cache.</summary>
internal static partial class HybridLog
{
    [LoggerMessage(4000, LogLevel.Warning, "The payload under key {Key} was not used: {Verdict}. It counts as a miss.", EventName = "PayloadRejected")]
    public static partial void PayloadRejected(ILogger logger, string key, string verdict);

    [LoggerMessage(4001, LogLevel.Warning, "The payload under key {Key} could not be deserialized as {Type}: {Fault}. It counts as a miss; another version of the type or another serializer may have written it.", EventName = "DeserializationFailed")]
    public static partial void DeserializationFailed(ILogger logger, string key, Type type, string fault);

    [LoggerMessage(4002, LogLevel.Error, "A value for key {Key} could not be serialized as {Type}: {Fault}. The caller got the exception.", EventName = "SerializationFailed")]
    public static partial void SerializationFailed(ILogger logger, string key, Type type, string fault);

    [LoggerMessage(4003, LogLevel.Warning, "The value for key {Key} takes more than {Limit} bytes: Redis does not get it. See MaximumPayloadBytes.", EventName = "PayloadTooLarge")]
    public static partial void PayloadTooLarge(ILogger logger, string key, long limit);

    [LoggerMessage(4004, LogLevel.Error, "A key was not used because it {Reason}: the value is fetched anew by every call.", EventName = "KeyRejected")]
    public static partial void KeyRejected(ILogger logger, string reason);

    [LoggerMessage(4005, LogLevel.Debug, "Reading key {Key} from Redis failed: {Fault}. It counts as a miss.", EventName = "DistributedReadFailed")]
    public static partial void DistributedReadFailed(ILogger logger, string key, string fault);

    [LoggerMessage(4006, LogLevel.Warning, "What a factory made for key {Key} could not be written to Redis: {Fault}. The callers have their value.", EventName = "FillFailed")]
    public static partial void FillFailed(ILogger logger, string key, string fault);

    [LoggerMessage(4007, LogLevel.Debug, "What a factory made for key {Key} was not kept: the key was written or removed meanwhile. The callers have their value.", EventName = "FillRefused")]
    public static partial void FillRefused(ILogger logger, string key);

    [LoggerMessage(4008, LogLevel.Information, "The L1 was emptied: {Reason}.", EventName = "LocalCacheCleared")]
    public static partial void LocalCacheCleared(ILogger logger, string reason);

    [LoggerMessage(4009, LogLevel.Warning, "A removal of tags did not reach Redis. This node holds to it, and to those that follow, and sends them again until Redis has them; other nodes may serve removed entries until then.", EventName = "TagRemovalKept")]
    public static partial void TagRemovalKept(ILogger logger);

    [LoggerMessage(4010, LogLevel.Debug, "A removal of tags could still not be sent to Redis: {Fault}.", EventName = "TagRemovalNotResent")]
    public static partial void TagRemovalNotResent(ILogger logger, string fault);

    [LoggerMessage(4011, LogLevel.Error, "A key was not removed because it begins as the cache's own keys do.", EventName = "ReservedKeyNotRemoved")]
    public static partial void ReservedKeyNotRemoved(ILogger logger);

    [LoggerMessage(4012, LogLevel.Information, "Redis has all removals of tags that it had missed.", EventName = "TagRemovalsResent")]
    public static partial void TagRemovalsResent(ILogger logger);

    [LoggerMessage(4013, LogLevel.Warning, "The cache was closed before Redis had the removals of {Count} tag(s): entries with these tags may be served until they expire.", EventName = "TagRemovalsLost")]
    public static partial void TagRemovalsLost(ILogger logger, int count);
}
