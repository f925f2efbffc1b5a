using System.Globalization;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Processes;

namespace Prima.Extensions.Caching.Redis.Perf.Servers;

/// <summary>Three primaries and no replicas: what a replica costs the machine is none of ours.</summary>
internal sealed class ThreeNodeCluster
{
    private const int Slots = 16384;
    private const int Nodes = 3;

    private readonly RedisProcess[] _nodes;

    private ThreeNodeCluster(RedisProcess[] nodes) => _nodes = nodes;

    public string Configuration => string.Join(',', _nodes.Select(static node => node.Configuration));

    public static async Task<ThreeNodeCluster> StartAsync()
    {
        var nodes = await Task.WhenAll(Enumerable.Range(0, Nodes).Select(static _ => RedisServers.StartProcessAsync("cluster-enabled yes")));
        for (var i = 0; i < Nodes; i++)
        {
            await nodes[i].ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", Text(i * Slots / Nodes), Text(((i + 1) * Slots / Nodes) - 1));
            await nodes[i].ExecuteAsync("CLUSTER", "SET-CONFIG-EPOCH", Text(i + 1));
        }

        foreach (var node in nodes[1..])
        {
            await nodes[0].ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", Text(node.Port));
        }

        await Poll.UntilAsync("every node knows all slots", TimeSpan.FromSeconds(30), async () =>
        {
            var states = await Task.WhenAll(nodes.Select(static node => node.ExecuteAsync("CLUSTER", "INFO")));
            return states.All(static state => state.Text!.Contains("cluster_state:ok", StringComparison.Ordinal)
                && state.Text.Contains("cluster_known_nodes:3", StringComparison.Ordinal));
        });
        return new(nodes);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
