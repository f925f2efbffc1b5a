using System.Globalization;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using Prima.Extensions.Caching.Redis.TestServers.Wire;

namespace Prima.Extensions.Caching.Redis.TestServers.Topologies;

/// <summary>Reads from INFO replication how far replicas are.</summary>
internal static class ReplicationProgress
{
    /// <summary>Whether all replicas are online, and each has applied what its primary had when this was called.</summary>
    public static async Task<bool> AreInStepAsync(IReadOnlyList<RedisProcess> nodes)
    {
        Dictionary<int, long> offsets = [];
        foreach (RedisProcess node in nodes)
        {
            if (await InfoAsync(node) is var info && IsPrimary(info))
            {
                offsets[node.Port] = Number(info, "master_repl_offset");
            }
        }

        Dictionary<int, int> replicas = [];
        Dictionary<int, int> online = [];
        foreach (RedisProcess node in nodes)
        {
            Dictionary<string, string> info = await InfoAsync(node);
            if (IsPrimary(info))
            {
                online[node.Port] = info.Count(static field => field.Key.StartsWith("slave", StringComparison.Ordinal) && field.Value.Contains("state=online", StringComparison.Ordinal));
                continue;
            }

            int primary = (int)Number(info, "master_port");
            replicas[primary] = replicas.GetValueOrDefault(primary) + 1;
            if (info["master_link_status"] != "up" || !offsets.TryGetValue(primary, out long offset) || Number(info, "slave_repl_offset") < offset)
            {
                return false;
            }
        }

        return replicas.All(expected => online.GetValueOrDefault(expected.Key) >= expected.Value);
    }

    private static bool IsPrimary(Dictionary<string, string> info) => info["role"] == "master";

    private static long Number(Dictionary<string, string> info, string field) => long.Parse(info[field], CultureInfo.InvariantCulture);

    private static async Task<Dictionary<string, string>> InfoAsync(RedisProcess node)
    {
        await using RespConnection connection = await node.ConnectAsync();
        string info = (await connection.ExecuteAsync("INFO", "replication")).Text!;
        return info.Split("\r\n").Select(static line => line.Split(':', 2)).Where(static field => field.Length == 2).ToDictionary(static field => field[0], static field => field[1]);
    }
}
