using System.Net;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using Prima.Extensions.Caching.Redis.TestServers.Wire;

namespace Prima.Extensions.Caching.Redis.TestServers.Topologies;

/// <summary>A Redis cluster of processes: 3 primaries and a replica of each, node timeout 2 s.</summary>
public sealed class RedisCluster : IRedisServer
{
    private const int Size = 6;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(40);

    private readonly ElectionTimes _elections = new();

    private RedisCluster(IReadOnlyList<RedisProcess> nodes) => Nodes = nodes;

    /// <inheritdoc/>
    public ServerKind Kind => ServerKind.Process;

    /// <summary>All nodes, those killed too. At first the primaries come before their replicas; later ask who is which.</summary>
    public IReadOnlyList<RedisProcess> Nodes { get; }

    /// <inheritdoc/>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. Nodes.Select(static n => n.EndPoint)];

    /// <inheritdoc/>
    public string Configuration => string.Join(',', EndPoints);

    private IEnumerable<RedisProcess> Answering => Nodes.Where(static n => n.IsAnswering);

    internal static async Task<RedisCluster> StartAsync(string[] settings)
    {
        var cluster = new RedisCluster(await ClusterFormation.StartNodesAsync(Size, settings));
        try
        {
            await ClusterFormation.FormAsync(cluster.Nodes);
            await cluster.WaitUntilHealthyAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection to the first node that answers.</summary>
    public Task<RespConnection> ConnectAsync(CancellationToken cancellationToken = default) => Answering.First().ConnectAsync(cancellationToken);

    /// <summary>The slot of a key.</summary>
    public async Task<int> SlotOfAsync(string key) => (int)(await this.ExecuteAsync("CLUSTER", "KEYSLOT", key)).Number;

    /// <summary>The primary that serves a key.</summary>
    public async Task<RedisProcess> PrimaryOfAsync(string key) => await PrimaryOfSlotAsync(await SlotOfAsync(key));

    /// <summary>The primary that serves a slot.</summary>
    public async Task<RedisProcess> PrimaryOfSlotAsync(int slot) =>
        ProcessOf((await ViewAsync()).FirstOrDefault(n => n.IsPrimary && n.Owns(slot))
            ?? throw new InvalidOperationException($"No node serves slot {slot} at the moment; wait until the cluster is healthy."));

    /// <summary>The nodes that serve slots.</summary>
    public async Task<IReadOnlyList<RedisProcess>> PrimariesAsync() =>
        [.. (await ViewAsync()).Where(static n => n.IsPrimary && n.Slots.Length > 0).Select(ProcessOf)];

    /// <summary>The replica of a primary, which answers.</summary>
    public async Task<RedisProcess> ReplicaOfAsync(RedisProcess primary) => await FindReplicaOfAsync(primary)
        ?? throw new InvalidOperationException("The primary has no replica at the moment; wait until the cluster is healthy.");

    /// <summary>Waits until a primary's replica can be elected. Call it before a primary is killed or hung in another way than by <see cref="KillPrimaryOfAsync"/>.</summary>
    /// <remarks>It takes time only where that replica has won an election in the last 8 s.</remarks>
    public async Task WaitUntilReplaceableAsync(RedisProcess primary)
    {
        if (await FindReplicaOfAsync(primary) is { } replica)
        {
            await _elections.WaitAsync(replica);
        }
    }

    /// <summary>Kills the primary of a key, and returns it without waiting for its successor; see <see cref="WaitUntilHealthyAsync"/>.</summary>
    public async Task<RedisProcess> KillPrimaryOfAsync(string key)
    {
        RedisProcess primary = await PrimaryOfAsync(key);
        await WaitUntilReplaceableAsync(primary);
        await primary.KillAsync();
        return primary;
    }

    /// <summary>A planned failover: the replica of the key's primary takes over. Returns the new primary, when all nodes know it.</summary>
    public async Task<RedisProcess> FailoverAsync(string key)
    {
        RedisProcess replica = await ReplicaOfAsync(await PrimaryOfAsync(key));
        await _elections.WaitAsync(replica);
        await replica.ExecuteAsync("CLUSTER", "FAILOVER");
        await Poll.UntilAsync("the replica is primary", Deadline, async () => (await replica.ExecuteAsync("ROLE")).Items[0].Text == "master");
        await WaitUntilHealthyAsync();
        return replica;
    }

    /// <summary>Begins to move a slot: until it is completed, its owner answers ASK for keys that it no longer has.</summary>
    public async Task<SlotMigration> BeginMigrationAsync(int slot, RedisProcess target) =>
        await SlotMigration.BeginAsync(this, slot, await PrimaryOfSlotAsync(slot), target);

    /// <summary>Moves a slot with its keys: clients that do not know yet get MOVED.</summary>
    public async Task MigrateSlotAsync(int slot, RedisProcess target)
    {
        if (await PrimaryOfSlotAsync(slot) == target)
        {
            return;
        }

        SlotMigration migration = await BeginMigrationAsync(slot, target);
        await migration.MoveKeysAsync();
        await migration.CompleteAsync();
    }

    /// <summary>Waits until the nodes that answer serve all slots, agree on who is who, and their replicas are in step.</summary>
    public async Task WaitUntilHealthyAsync()
    {
        await Poll.UntilSolvedAsync("the cluster is healthy", Deadline, () => ClusterHealth.ProblemAsync([.. Answering]));
        _elections.Note(await PrimariesAsync());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (RedisProcess node in Nodes)
        {
            await node.DisposeAsync();
        }
    }

    private async Task<IReadOnlyList<ClusterNode>> ViewAsync() => ClusterNode.Parse((await this.ExecuteAsync("CLUSTER", "NODES")).Text!);

    private async Task<RedisProcess?> FindReplicaOfAsync(RedisProcess primary)
    {
        IReadOnlyList<ClusterNode> view = await ViewAsync();
        string id = view.First(n => ProcessOf(n) == primary).Id;
        return view.Where(n => n.PrimaryId == id).Select(ProcessOf).FirstOrDefault(static p => p.IsAnswering);
    }

    private RedisProcess ProcessOf(ClusterNode node) => Nodes.First(p => p.Port == node.Port);
}
