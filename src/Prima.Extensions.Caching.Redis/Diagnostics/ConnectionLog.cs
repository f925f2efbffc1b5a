using Microsoft.Extensions.Logging;

namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>Events 1000 to 1999: connections.</summary>
internal static partial class ConnectionLog
{
    [LoggerMessage(1000, LogLevel.Information, "Connected to Redis at {Endpoints}.", EventName = "Connected")]
    public static partial void Connected(ILogger logger, string endpoints);

    [LoggerMessage(1001, LogLevel.Warning, "Not connected to Redis at {Endpoints} yet; the client keeps trying.", EventName = "NotConnectedYet")]
    public static partial void NotConnectedYet(ILogger logger, string endpoints);

    [LoggerMessage(1002, LogLevel.Warning, "The connection to Redis could not be made: {Fault}. The next operation tries again.", EventName = "ConnectFailed")]
    public static partial void ConnectFailed(ILogger logger, string fault);

    [LoggerMessage(1003, LogLevel.Debug, "The library name could not be set on the connection.", EventName = "LibraryNameNotSet")]
    public static partial void LibraryNameNotSet(ILogger logger, Exception exception);
}
