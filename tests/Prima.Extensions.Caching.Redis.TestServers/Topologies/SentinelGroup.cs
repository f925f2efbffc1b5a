using System.Net;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using Prima.Extensions.Caching.Redis.TestServers.Wire;

namespace Prima.Extensions.Caching.Redis.TestServers.Topologies;

/// <summary>A primary with a replica, watched by 3 sentinels that fail over after 1 s of silence.</summary>
public sealed class SentinelGroup : IRedisServer
{
    private const int SentinelCount = 3;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(40);

    private SentinelGroup(IReadOnlyList<RedisProcess> nodes, IReadOnlyList<RedisProcess> sentinels)
    {
        Nodes = nodes;
        Sentinels = sentinels;
    }

    /// <summary>The name under which the sentinels watch the primary.</summary>
    public static string ServiceName => "prima";

    /// <inheritdoc/>
    public ServerKind Kind => ServerKind.Process;

    /// <summary>The data servers: the first primary and its replica. After a failover they have changed places.</summary>
    public IReadOnlyList<RedisProcess> Nodes { get; }

    /// <summary>The sentinels.</summary>
    public IReadOnlyList<RedisProcess> Sentinels { get; }

    /// <summary>The addresses of the sentinels.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. Sentinels.Select(static s => s.EndPoint)];

    /// <inheritdoc/>
    public string Configuration => $"{string.Join(',', EndPoints)},serviceName={ServiceName}";

    /// <summary>A connection to the primary of the moment.</summary>
    public async Task<RespConnection> ConnectAsync(CancellationToken cancellationToken = default) =>
        await (await PrimaryAsync()).ConnectAsync(cancellationToken);

    /// <summary>The primary, as the sentinels say.</summary>
    public async Task<RedisProcess> PrimaryAsync() => await PrimaryAsync(Sentinels.First(static s => s.IsAnswering));

    /// <summary>A planned failover, which needs the replica in step and waits for it. Returns the new primary, when all sentinels know it and it takes writes.</summary>
    public async Task<RedisProcess> FailoverAsync()
    {
        await WaitUntilHealthyAsync();
        RedisProcess before = await PrimaryAsync();
        RedisProcess successor = Nodes.First(n => n != before);
        RedisProcess sentinel = Sentinels.First(static s => s.IsAnswering);
        await Poll.UntilAsync("the planned failover is done", Deadline, async () =>
        {
            // Asked for again until it happened: a sentinel may refuse (INPROG, NOGOODSLAVE) or give up.
            if (await PrimaryAsync(sentinel) == before)
            {
                await sentinel.ExecuteAsync("SENTINEL", "FAILOVER", ServiceName);
            }

            return await AgreeOnAsync(successor);
        });
        return successor;
    }

    /// <summary>Kills the primary, and returns it without waiting for its successor; see <see cref="WaitForSuccessorAsync"/>.</summary>
    public async Task<RedisProcess> KillPrimaryAsync()
    {
        RedisProcess primary = await PrimaryAsync();
        await primary.KillAsync();
        return primary;
    }

    /// <summary>Waits until all sentinels name another primary than <paramref name="before"/>, and it is one.</summary>
    public async Task<RedisProcess> WaitForSuccessorAsync(RedisProcess before)
    {
        RedisProcess successor = Nodes.First(n => n != before);
        await Poll.UntilAsync("the sentinels agree on the new primary", Deadline, () => AgreeOnAsync(successor));
        return successor;
    }

    /// <summary>Waits until the sentinels agree on the primary, and the other server, if it answers, is its replica and in step.</summary>
    public Task WaitUntilHealthyAsync() => Poll.UntilAsync("the sentinel group is healthy", Deadline, async () =>
        await AgreeOnAsync(await PrimaryAsync()) && await KnowEachOtherAsync() && await ReplicationProgress.AreInStepAsync([.. Nodes.Where(static n => n.IsAnswering)]));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (RedisProcess process in (IEnumerable<RedisProcess>)[.. Sentinels, .. Nodes])
        {
            await process.DisposeAsync();
        }
    }

    internal static async Task<SentinelGroup> StartAsync(string[] settings)
    {
        var started = new List<RedisProcess>();
        try
        {
            RedisProcess primary = await RedisProcess.StartServerAsync(settings);
            started.Add(primary);
            RedisProcess replica = await RedisProcess.StartServerAsync([$"replicaof 127.0.0.1 {primary.Port}", .. settings]);
            started.Add(replica);
            for (int i = 0; i < SentinelCount; i++)
            {
                started.Add(await RedisProcess.StartAsync(RedisProcess.Sentinel, port => SentinelSettings(port, primary.Port)));
            }

            var group = new SentinelGroup(started[..2], started[2..]);
            await group.HurryAsync();
            await group.WaitUntilHealthyAsync();
            return group;
        }
        catch
        {
            foreach (RedisProcess process in started)
            {
                await process.DisposeAsync();
            }

            throw;
        }
    }

    private static string[] SentinelSettings(int port, int primary) =>
    [
        $"port {port}",
        $"sentinel monitor {ServiceName} 127.0.0.1 {primary} 2",
        $"sentinel down-after-milliseconds {ServiceName} 1000",
        $"sentinel failover-timeout {ServiceName} 3000",
        $"sentinel parallel-syncs {ServiceName} 1",
    ];

    private async Task<RedisProcess> PrimaryAsync(RedisProcess sentinel)
    {
        RespReply address = await sentinel.ExecuteAsync("SENTINEL", "GET-MASTER-ADDR-BY-NAME", ServiceName);
        return Nodes.First(n => n.Port == address.Items[1].Number);
    }

    // Sentinels look at their servers every 10 s and believe a returned primary after 8 s; tests have no time for that.
    private async Task HurryAsync()
    {
        foreach (RedisProcess sentinel in Sentinels)
        {
            await sentinel.ExecuteAsync("SENTINEL", "DEBUG", "info-period", "500", "publish-period", "250", "ping-period", "250");
        }
    }

    private async Task<bool> AgreeOnAsync(RedisProcess primary)
    {
        foreach (RedisProcess sentinel in Sentinels.Where(static s => s.IsAnswering))
        {
            if (await PrimaryAsync(sentinel) != primary)
            {
                return false;
            }
        }

        return (await primary.ExecuteAsync("ROLE")).Items[0].Text == "master";
    }

    private async Task<bool> KnowEachOtherAsync()
    {
        foreach (RedisProcess sentinel in Sentinels.Where(static s => s.IsAnswering))
        {
            RespReply view = await sentinel.ExecuteAsync("SENTINEL", "MASTER", ServiceName);
            RespReply replicas = await sentinel.ExecuteAsync("SENTINEL", "REPLICAS", ServiceName);

            // A sentinel that still sees the replica as the primary it was would undo the next failover.
            if (view["flags"] != "master" || view["num-other-sentinels"] != $"{SentinelCount - 1}"
                || replicas.Items is not [var replica] || replica["role-reported"] != "slave")
            {
                return false;
            }
        }

        return true;
    }
}
