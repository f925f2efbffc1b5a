using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

internal static class ScriptRefusal
{
    /// <summary>Whether the server has no scripting, or not for this user: plain commands may do then.</summary>
    public static bool RefusesScripts(this RedisErrorKind error) =>
        error is RedisErrorKind.UnknownCommand or RedisErrorKind.NoPermission or RedisErrorKind.NotPermitted;
}
