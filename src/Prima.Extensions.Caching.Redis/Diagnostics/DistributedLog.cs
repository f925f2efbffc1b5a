using Microsoft.Extensions.Logging;

namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>Events 3000 to 3999: the distributed cache.</summary>
internal static partial class DistributedLog
{
    [LoggerMessage(3000, LogLevel.Warning, "The value under key {Key} is no entry of this cache: it counts as a miss and is left alone until the key is set. Two applications may be using the same keys; see InstanceName.", EventName = "ForeignValueFound")]
    public static partial void ForeignValueFound(ILogger logger, string key);

    [LoggerMessage(3001, LogLevel.Warning, "The value under key {Key} has {Length} bytes, which is more than MaximumValueBytes allows: it counts as a miss and is left alone until the key is set.", EventName = "LargeValueFound")]
    public static partial void LargeValueFound(ILogger logger, string key, long length);
}
