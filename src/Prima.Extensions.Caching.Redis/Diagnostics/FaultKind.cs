using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>The kind of a fault: a word for logs, metrics and traces. Exception messages are no such word: the client and some servers put keys into theirs.</summary>
internal static class FaultKind
{
    public const string NotConnected = "NotConnected";

    public static string Of(Exception fault) => fault switch
    {
        RedisServerException error => error.Kind.ToString(),
        RedisConnectionException connection => connection.FailureType.ToString(),
        TimeoutException => "Timeout",
        _ => fault.GetType().Name,
    };
}
