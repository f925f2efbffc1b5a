using Prima.Extensions.Caching.Redis.TestServers.Processes;
using Prima.Extensions.Caching.Redis.TestServers.Wire;

namespace Prima.Extensions.Caching.Redis.TestServers.Topologies;

/// <summary>Asks all nodes of a cluster that answer whether nothing is left to be settled between them.</summary>
internal static class ClusterHealth
{
    /// <summary>Null when all say that the cluster is up, trust each other, see the same roles and slots, no slot belongs to a dead node, and replicas are in step.</summary>
    public static async Task<string?> ProblemAsync(IReadOnlyList<RedisProcess> answering)
    {
        HashSet<int> ports = [.. answering.Select(static p => p.Port)];
        string? agreed = null;
        foreach (RedisProcess node in answering)
        {
            await using RespConnection connection = await node.ConnectAsync();
            RespReply state = await connection.ExecuteAsync("CLUSTER", "INFO");
            string nodes = (await connection.ExecuteAsync("CLUSTER", "NODES")).Text!;
            IReadOnlyList<ClusterNode> view = ClusterNode.Parse(nodes);
            List<ClusterNode> alive = [.. view.Where(n => ports.Contains(n.Port))];
            string roles = Roles(alive);
            agreed ??= roles;
            string? problem =
                !state.Text!.Contains("cluster_state:ok", StringComparison.Ordinal) ? "the cluster is down" :
                roles != agreed ? $"others see {agreed}" :
                alive.Count != answering.Count || !alive.TrueForAll(static n => n.IsTrusted) ? "nodes that answer are not trusted" :
                view.Except(alive).Any(static n => n.Slots.Length > 0) ? "slots belong to a dead node" : null;
            if (problem is not null)
            {
                return $"Node {node.Port}: {problem}. It sees:{Environment.NewLine}{nodes}";
            }
        }

        return await ReplicationProgress.AreInStepAsync(answering) ? null : "Replicas are not in step.";
    }

    private static string Roles(IEnumerable<ClusterNode> nodes) => string.Join(';', nodes
        .OrderBy(static n => n.Id, StringComparer.Ordinal)
        .Select(static n => $"{n.Id} {n.PrimaryId} {string.Join(',', n.Slots)}"));
}
