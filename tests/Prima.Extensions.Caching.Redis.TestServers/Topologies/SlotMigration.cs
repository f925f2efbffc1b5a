using System.Globalization;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using Prima.Extensions.Caching.Redis.TestServers.Wire;

namespace Prima.Extensions.Caching.Redis.TestServers.Topologies;

/// <summary>A slot on its way from one primary to another.</summary>
/// <remarks>https://redis.io/docs/latest/commands/cluster-setslot/</remarks>
public sealed class SlotMigration
{
    private const int KeysPerStep = 100;

    private readonly RedisCluster _cluster;
    private readonly string _slot;

    private SlotMigration(RedisCluster cluster, int slot, RedisProcess source, RedisProcess target)
    {
        _cluster = cluster;
        _slot = slot.ToString(CultureInfo.InvariantCulture);
        Source = source;
        Target = target;
    }

    /// <summary>The primary that owns the slot until completion.</summary>
    public RedisProcess Source { get; }

    /// <summary>The primary that owns it afterwards.</summary>
    public RedisProcess Target { get; }

    /// <summary>Moves the given keys, or all of the slot. Source answers ASK for what was moved, and TRYAGAIN where a command names both kinds.</summary>
    public async Task MoveKeysAsync(params string[] keys)
    {
        if (keys.Length > 0)
        {
            await MoveAsync(keys);
            return;
        }

        while (await KeysLeftAsync() is { Length: > 0 } left)
        {
            await MoveAsync(left);
        }
    }

    /// <summary>Hands the slot over, and waits until every node knows. Keys that were not moved are lost.</summary>
    public async Task CompleteAsync()
    {
        string id = await IdAsync(Target);

        // The target first: if the source gave the slot up before, nobody would own it for a moment.
        await Target.ExecuteAsync("CLUSTER", "SETSLOT", _slot, "NODE", id);
        await Source.ExecuteAsync("CLUSTER", "SETSLOT", _slot, "NODE", id);
        foreach (RedisProcess other in await _cluster.PrimariesAsync())
        {
            await other.ExecuteAsync("CLUSTER", "SETSLOT", _slot, "NODE", id);
        }

        await _cluster.WaitUntilHealthyAsync();
    }

    internal static async Task<SlotMigration> BeginAsync(RedisCluster cluster, int slot, RedisProcess source, RedisProcess target)
    {
        var migration = new SlotMigration(cluster, slot, source, target);
        await target.ExecuteAsync("CLUSTER", "SETSLOT", migration._slot, "IMPORTING", await IdAsync(source));
        await source.ExecuteAsync("CLUSTER", "SETSLOT", migration._slot, "MIGRATING", await IdAsync(target));
        return migration;
    }

    private static async Task<string> IdAsync(RedisProcess node) => (await node.ExecuteAsync("CLUSTER", "MYID")).Text!;

    private async Task<string[]> KeysLeftAsync()
    {
        RespReply keys = await Source.ExecuteAsync("CLUSTER", "GETKEYSINSLOT", _slot, KeysPerStep.ToString(CultureInfo.InvariantCulture));
        return [.. keys.Items.Select(static k => k.Text!)];
    }

    private Task MoveAsync(string[] keys) => Source.ExecuteAsync(
        ["MIGRATE", "127.0.0.1", Target.Port.ToString(CultureInfo.InvariantCulture), "", "0", "5000", "KEYS", .. keys]);
}
