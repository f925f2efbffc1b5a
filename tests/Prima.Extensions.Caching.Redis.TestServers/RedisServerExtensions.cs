using Prima.Extensions.Caching.Redis.TestServers.Wire;

namespace Prima.Extensions.Caching.Redis.TestServers;

/// <summary>Single commands and ACL users on any test server.</summary>
public static class RedisServerExtensions
{
    /// <summary>Sends one command over a connection of its own. An error reply throws <see cref="RespErrorException"/>.</summary>
    public static async Task<RespReply> ExecuteAsync(this IRedisServer server, params string[] command)
    {
        ArgumentNullException.ThrowIfNull(server);
        await using RespConnection connection = await server.ConnectAsync();
        return await connection.ExecuteAsync(command);
    }

    /// <summary>Makes a user with exactly these rules, for example <c>"~app:*", "+@read"</c>, and returns a configuration that logs in as it.</summary>
    public static async Task<string> SetUserAsync(this IRedisServer server, string user, string password, params string[] rules)
    {
        await server.ExecuteAsync(["ACL", "SETUSER", user, "reset", "on", ">" + password, .. rules]);
        return $"{server.Configuration},user={user},password={password}";
    }

    /// <summary>Removes a user; the server closes its connections.</summary>
    public static Task DeleteUserAsync(this IRedisServer server, string user) => server.ExecuteAsync("ACL", "DELUSER", user);
}
