using Prima.Extensions.Caching.Redis.TestServers.Wire;

namespace Prima.Extensions.Caching.Redis.TestServers.Topologies;

/// <summary>Reads from INFO replication whether a node and its replicas are in step.</summary>
internal static class ReplicationProgress
{
    /// <summary>A primary: it has that many replicas online. A replica: its link is up.</summary>
    public static async Task<bool> IsInStepAsync(RespConnection connection, int replicas)
    {
        string[] info = (await connection.ExecuteAsync("INFO", "replication")).Text!.Split("\r\n");
        return info.Contains("role:master")
            ? info.Count(static l => l.StartsWith("slave", StringComparison.Ordinal) && l.Contains("state=online", StringComparison.Ordinal)) >= replicas
            : info.Contains("master_link_status:up");
    }
}
