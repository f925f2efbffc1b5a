using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using Prima.Extensions.Caching.Redis.TestServers.Topologies;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid.Coherence;

/// <summary>Tracking over several primaries that change.</summary>
public sealed class TrackingTopologyTests
{
    private const string Instance = "topology:";

    private static readonly string[] Keys = [.. Enumerable.Range(0, 60).Select(static number => $"k{number}")];

    [Fact]
    public async Task Cluster_AllPrimariesAnnounce()
    {
        await using var cluster = await RedisServers.StartClusterAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(cluster.Configuration, Instance);

        await AssertAnnouncedAsync(cluster, subject);
        Assert.Equal(3, (await cluster.PrimariesAsync()).Count);
    }

    [Fact]
    public async Task Cluster_KilledPrimary_OnlyItsKeysAreNotArmed_AndItsSuccessorAnnounces()
    {
        await using var cluster = await RedisServers.StartClusterAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(cluster.Configuration, Instance);
        var victim = await cluster.PrimaryOfAsync(Instance + Keys[0]);
        string? other = null;
        foreach (var key in Keys)
        {
            other = await cluster.PrimaryOfAsync(Instance + key) == victim ? other : key;
        }

        await cluster.WaitUntilReplaceableAsync(victim);
        await victim.KillAsync();
        await Poll.UntilAsync("the keys of the dead are not armed and others are", TrackingSubject.Deadline, () => !subject.Source.IsArmed(Keys[0]) && subject.Source.IsArmed(other!));
        await cluster.WaitUntilHealthyAsync();
        await subject.UntilArmedAsync(Keys[0]);
        await AssertAnnouncedAsync(cluster, subject);
    }

    [Fact]
    public async Task Cluster_PlannedFailover_IsFollowed()
    {
        await using var cluster = await RedisServers.StartClusterAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(cluster.Configuration, Instance);
        subject.Sink.Forget();

        var successor = await cluster.FailoverAsync(Instance + Keys[0]);
        await subject.UntilAsync("clear TopologyChanged");
        await Poll.UntilAsync("the successor is tracked", TrackingSubject.Deadline, async () =>
            (await successor.ExecuteAsync("CLIENT", "LIST")).Text!.Contains("name=prima-tracking-", StringComparison.Ordinal));
        await subject.UntilArmedAsync(Keys[0]);
        await AssertAnnouncedAsync(cluster, subject);
    }

    [Fact]
    public async Task Cluster_SlotMigration_KeysAreAnnounced_AndTheNewOwnerTracked()
    {
        await using var cluster = await RedisServers.StartClusterAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(cluster.Configuration, Instance);
        var slot = await cluster.SlotOfAsync(Instance + Keys[0]);
        var source = await cluster.PrimaryOfSlotAsync(slot);
        var target = (await cluster.PrimariesAsync()).First(primary => primary != source);
        await source.ExecuteAsync("SET", Instance + Keys[0], "1");
        await subject.UntilAsync("key " + Keys[0]);
        subject.Sink.Forget();

        var migration = await cluster.BeginMigrationAsync(slot, target);
        await migration.MoveKeysAsync();

        // Moving removes it here and makes it there: both are announced.
        await subject.UntilAsync("key " + Keys[0]);
        await migration.CompleteAsync();
        await subject.UntilAsync("clear TopologyChanged");
        await subject.UntilArmedAsync(Keys[0]);
        await AssertAnnouncedAsync(cluster, subject);
    }

    [Fact]
    public async Task Cluster_PrimaryWithoutSlots_IsTrackedToo()
    {
        await using var cluster = await RedisServers.StartClusterAsync();
        await using var joining = await RedisServers.StartProcessAsync("cluster-enabled yes", "cluster-node-timeout 2000");
        await using var subject = await TrackingSubject.StartArmedAsync(cluster.Configuration, Instance);

        await cluster.ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", joining.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await Poll.UntilAsync("the new node is tracked", TrackingSubject.Deadline, async () =>
            (await joining.ExecuteAsync("CLIENT", "LIST")).Text!.Contains("redir=", StringComparison.Ordinal)
            && (await joining.ExecuteAsync("CLIENT", "LIST")).Text!.Contains("name=prima-tracking-", StringComparison.Ordinal));
        await subject.UntilArmedAsync(Keys[0]);
    }

    [Fact]
    public async Task Sentinel_Failover_IsFollowed()
    {
        await using var group = await RedisServers.StartSentinelAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(group.Configuration, Instance);

        var successor = await group.FailoverAsync();
        await Poll.UntilAsync("the successor is tracked", TrackingSubject.Deadline, async () =>
            (await successor.ExecuteAsync("CLIENT", "LIST")).Text!.Contains("name=prima-tracking-", StringComparison.Ordinal));
        await subject.UntilArmedAsync(Keys[0]);
        subject.Sink.Forget();
        await successor.ExecuteAsync("SET", Instance + Keys[0], "1");
        await subject.UntilAsync("key " + Keys[0]);
    }

    [Fact]
    public async Task Sentinel_KilledPrimary_IsFollowed()
    {
        await using var group = await RedisServers.StartSentinelAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(group.Configuration, Instance);

        var successor = await group.WaitForSuccessorAsync(await group.KillPrimaryAsync());
        await subject.UntilArmedAsync(Keys[0]);
        subject.Sink.Forget();
        await successor.ExecuteAsync("SET", Instance + Keys[0], "1");
        await subject.UntilAsync("key " + Keys[0]);
    }

    private static async Task AssertAnnouncedAsync(RedisCluster cluster, TrackingSubject subject)
    {
        await Poll.UntilAsync("all keys are armed", TrackingSubject.Deadline, () => Keys.All(subject.Source.IsArmed));
        subject.Sink.Forget();
        foreach (var key in Keys)
        {
            RedisProcess primary = await cluster.PrimaryOfAsync(Instance + key);
            await primary.ExecuteAsync("SET", Instance + key, "1");
        }

        await Poll.UntilSolvedAsync("all keys are announced", TrackingSubject.Deadline, () =>
        {
            var missing = Keys.Where(key => subject.Sink.Count("key " + key) == 0).ToList();
            return Task.FromResult(missing.Count == 0 ? null : string.Join(", ", missing));
        });
    }
}
