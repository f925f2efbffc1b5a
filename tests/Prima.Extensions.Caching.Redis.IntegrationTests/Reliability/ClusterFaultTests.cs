using System.Globalization;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using Prima.Extensions.Caching.Redis.TestServers.Topologies;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Reliability;

/// <summary>Faults of a cluster. What is checked of each stands in <see cref="FaultOutcome"/>, whose keys are all in one slot.</summary>
public sealed class ClusterFaultTests(ClusterFaultTests.OwnCluster fixture) : IClassFixture<ClusterFaultTests.OwnCluster>
{
    private static readonly string[] Gone = ["Timeout", "UnableToConnect", "UnableToResolvePhysicalConnection", "SocketFailure", "SocketClosed", "ClusterDown", "ReadOnly", "MasterDown", "Moved"];

    public sealed class OwnCluster() : ServerFixture<RedisCluster>(static () => RedisServers.StartClusterAsync());

    [Fact]
    public async Task Moved()
    {
        var cluster = await fixture.GetAsync();
        var slot = await cluster.SlotOfAsync(FaultOutcome.HashTag);
        await FaultOutcome.CheckAsync(Fault.Of(
            cluster,
            cluster.Configuration,
            async () => await cluster.MigrateSlotAsync(slot, await OtherAsync(cluster, slot)),
            static () => Task.CompletedTask) with { Struck = Operations.None });
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task Ask(EntryLayout layout)
    {
        var cluster = await fixture.GetAsync();
        var slot = await cluster.SlotOfAsync(FaultOutcome.HashTag);
        SlotMigration? migration = null;
        await FaultOutcome.CheckAsync(Fault.Of(cluster, cluster.Configuration, MoveKeysAsync, () => migration!.CompleteAsync()) with { Struck = Operations.None, Layout = layout });

        async Task MoveKeysAsync()
        {
            migration = await cluster.BeginMigrationAsync(slot, await OtherAsync(cluster, slot));
            await migration.MoveKeysAsync();
        }
    }

    // Only a command with several keys is answered with it: a batch, which then asks for each key by itself.
    [Theory]
    [InlineData(FailureMode.Degrade)]
    [InlineData(FailureMode.Throw)]
    public async Task TryAgain(FailureMode mode)
    {
        var cluster = await fixture.GetAsync();
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = cluster.Configuration, Layout = EntryLayout.String, FailureMode = mode });
        string[] keys = [$"{FaultOutcome.HashTag}:{mode}:moved", $"{FaultOutcome.HashTag}:{mode}:not moved"];
        Assert.True((await cache.SetManyAsync(keys.Select(static key => new BatchEntry(key, new byte[] { 1 }, new())))).Succeeded);
        var slot = await cluster.SlotOfAsync(FaultOutcome.HashTag);
        var migration = await cluster.BeginMigrationAsync(slot, await OtherAsync(cluster, slot));
        await migration.MoveKeysAsync(keys[0]);

        var read = await cache.GetManyArraysAsync(keys);
        var removed = await cache.RemoveManyAsync(keys);

        await migration.MoveKeysAsync();
        await migration.CompleteAsync();
        Assert.All(read.Outcomes, static outcome => Assert.Equal(BatchOutcome.Hit, outcome));
        Assert.All(removed.Outcomes, static outcome => Assert.Equal(BatchOutcome.Removed, outcome));
        Assert.Null(await cache.GetAsync(keys[0]));
        Assert.Null(await cache.GetAsync(keys[1]));
    }

    // As soon as one slot has no owner, a cluster serves none.
    [Fact]
    public async Task ClusterDown()
    {
        var cluster = await fixture.GetAsync();
        var slot = await cluster.SlotOfAsync("another");
        var owner = await cluster.PrimaryOfSlotAsync(slot);
        await FaultOutcome.CheckAsync(Fault.Of(cluster, cluster.Configuration, GiveUpAsync, TakeUpAsync, "ClusterDown"));

        async Task GiveUpAsync()
        {
            foreach (var node in cluster.Nodes)
            {
                await node.ExecuteAsync("CLUSTER", "DELSLOTS", Text(slot));
            }

            await Poll.UntilAsync("the cluster is down", TimeSpan.FromSeconds(20), async () =>
                (await Task.WhenAll(cluster.Nodes.Select(static node => node.ExecuteAsync("CLUSTER", "INFO")))).All(static info => info.Text!.Contains("cluster_state:fail", StringComparison.Ordinal)));
        }

        async Task TakeUpAsync()
        {
            await owner.ExecuteAsync("CLUSTER", "ADDSLOTS", Text(slot));
            await cluster.WaitUntilHealthyAsync();
        }
    }

    [Fact]
    public async Task PrimaryLoss()
    {
        var cluster = await fixture.GetAsync();
        RedisProcess? killed = null;
        await FaultOutcome.CheckAsync(Fault.Of(cluster, cluster.Configuration, KillAsync, cluster.WaitUntilHealthyAsync, Gone));
        await killed!.RestartAsync();
        await cluster.WaitUntilHealthyAsync();

        async Task KillAsync()
        {
            await cluster.WaitUntilHealthyAsync();
            killed = await cluster.KillPrimaryOfAsync(FaultOutcome.HashTag);
        }
    }

    private static async Task<RedisProcess> OtherAsync(RedisCluster cluster, int slot)
    {
        var owner = await cluster.PrimaryOfSlotAsync(slot);
        return (await cluster.PrimariesAsync()).First(primary => primary != owner);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
