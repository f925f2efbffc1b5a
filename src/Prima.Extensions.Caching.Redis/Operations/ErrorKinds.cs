using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

internal static class ErrorKinds
{
    /// <summary>Whether the server does not have the command, or not for this user: another may do then.</summary>
    public static bool Refuses(this RedisErrorKind error) =>
        error is RedisErrorKind.UnknownCommand or RedisErrorKind.NoPermission or RedisErrorKind.NotPermitted;

    /// <summary>Whether the command was not applied and may be if it is sent again: a slot is on its way, or the server is starting or changing its role.</summary>
    public static bool IsTransient(this RedisErrorKind error) =>
        error is RedisErrorKind.TryAgain or RedisErrorKind.Moved or RedisErrorKind.Ask or RedisErrorKind.CrossSlot or RedisErrorKind.ReadOnly
            or RedisErrorKind.Loading or RedisErrorKind.MasterDown or RedisErrorKind.UnknownRedirectTarget;

    /// <summary>The error without what the server quotes of the command: key and value.</summary>
    public static RedisServerException WithoutArguments(this RedisServerException error)
    {
        var quote = error.Message.IndexOf(", with args beginning with", StringComparison.OrdinalIgnoreCase);
        return quote < 0 ? error : new(error.Kind, error.Flags, error.Message[..quote]);
    }
}
