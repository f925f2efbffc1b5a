using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>Events 1000 to 1999: connections.</summary>
internal static partial class ConnectionLog
{
    [LoggerMessage(1000, LogLevel.Information, "Connected to Redis at {Endpoints}.", EventName = "Connected")]
    public static partial void Connected(ILogger logger, string endpoints);

    [LoggerMessage(1001, LogLevel.Warning, "Not connected to Redis at {Endpoints} yet; the client keeps trying.", EventName = "NotConnectedYet")]
    public static partial void NotConnectedYet(ILogger logger, string endpoints);

    [LoggerMessage(1002, LogLevel.Warning, "The connection to Redis could not be made: {Fault}. An operation tries again after a pause.", EventName = "ConnectFailed")]
    public static partial void ConnectFailed(ILogger logger, string fault);

    [LoggerMessage(1003, LogLevel.Debug, "The library name could not be set on the connection.", EventName = "LibraryNameNotSet")]
    public static partial void LibraryNameNotSet(ILogger logger, Exception exception);

    [LoggerMessage(1004, LogLevel.Warning, "The connection to Redis at {Endpoint} was lost: {FailureType}. The client keeps trying.", EventName = "ConnectionLost")]
    public static partial void ConnectionLost(ILogger logger, string endpoint, ConnectionFailureType failureType);

    [LoggerMessage(1005, LogLevel.Information, "Redis at {Endpoint} is connected again, after {Duration}.", EventName = "ConnectionRestored")]
    public static partial void ConnectionRestored(ILogger logger, string endpoint, TimeSpan duration);

    [LoggerMessage(1006, LogLevel.Warning, "Redis at {Endpoint} is connected but silent: {Waiting} commands wait for an answer. See whether its process is stopped, a slow command or script holds it up, or the network swallows packets.", EventName = "ServerSilent")]
    public static partial void ServerSilent(ILogger logger, string endpoint, long waiting);

    [LoggerMessage(1007, LogLevel.Information, "Redis at {Endpoint} is no longer silent, after {Duration}.", EventName = "ServerAnswersAgain")]
    public static partial void ServerAnswersAgain(ILogger logger, string endpoint, TimeSpan duration);

    [LoggerMessage(1008, LogLevel.Warning, "A connection of the pool was closed by somebody else; the next operation makes a new one.", EventName = "ConnectionReplaced")]
    public static partial void ConnectionReplaced(ILogger logger);
}
