using System.Globalization;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using Prima.Extensions.Caching.Redis.TestServers.Wire;

namespace Prima.Extensions.Caching.Redis.TestServers.Topologies;

/// <summary>Makes a cluster of single servers. The first half becomes primaries, the second half their replicas.</summary>
/// <remarks>Raw commands and not redis-cli --cluster create, which waits in whole seconds and may place replicas as it likes.</remarks>
internal static class ClusterFormation
{
    private const int Slots = 16384;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public static Task<RedisProcess[]> StartNodesAsync(int count, string[] settings) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(_ => RedisProcess.StartServerAsync(port =>
        [
            "cluster-enabled yes",
            "cluster-config-file nodes.conf",
            $"cluster-port {BusPort(port)}",
            "cluster-node-timeout 2000",

            // A replica may stand for election however old its data: a test that kills a primary wants a successor.
            "cluster-replica-validity-factor 0",
            "cluster-migration-barrier 99",
            .. settings,
        ])));

    public static async Task FormAsync(IReadOnlyList<RedisProcess> nodes)
    {
        int primaries = nodes.Count / 2;
        await AssignSlotsAsync(nodes, primaries);
        await MeetAsync(nodes);
        await Poll.UntilAsync("all nodes know each other", Deadline, () => AllKnowEachOtherAsync(nodes));
        for (int i = primaries; i < nodes.Count; i++)
        {
            RespReply primary = await nodes[i - primaries].ExecuteAsync("CLUSTER", "MYID");
            await nodes[i].ExecuteAsync("CLUSTER", "REPLICATE", primary.Text!);
        }
    }

    private static async Task AssignSlotsAsync(IReadOnlyList<RedisProcess> nodes, int primaries)
    {
        for (int i = 0; i < primaries; i++)
        {
            // Different epochs from the start, so that no collision has to be resolved later.
            await nodes[i].ExecuteAsync("CLUSTER", "SET-CONFIG-EPOCH", Text(i + 1));
            await nodes[i].ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", Text(Slots * i / primaries), Text((Slots * (i + 1) / primaries) - 1));
        }
    }

    private static async Task MeetAsync(IReadOnlyList<RedisProcess> nodes)
    {
        foreach (RedisProcess node in nodes.Skip(1))
        {
            await nodes[0].ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", Text(node.Port), Text(BusPort(node.Port)));
        }
    }

    private static async Task<bool> AllKnowEachOtherAsync(IReadOnlyList<RedisProcess> nodes)
    {
        foreach (RedisProcess node in nodes)
        {
            IReadOnlyList<ClusterNode> view = ClusterNode.Parse((await node.ExecuteAsync("CLUSTER", "NODES")).Text!);
            if (view.Count(static n => n.IsTrusted) != nodes.Count)
            {
                return false;
            }
        }

        return true;
    }

    // Redis' own rule, port + 10000, would leave the ports that are known to be free.
    private static int BusPort(int port) => port + 1;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
