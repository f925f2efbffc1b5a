using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Prima.Extensions.Caching.Redis.Hybrid.Leases;
using Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid.Leases;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Certificates;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using Prima.Extensions.Caching.Redis.TestServers.Topologies;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid.Coherence;

/// <summary>The rights that docs/coherence.md asks for, exactly; and what happens when some are missing.</summary>
public sealed class CoherenceAclTests
{
    private const string Instance = "clinic:";

    // docs/coherence.md names these rights: keep them the same.
    private static readonly string[] EntryRights =
        ["~clinic:*", "+@connection", "+info", "+hmget", "+hset", "+hlen", "+hexists", "+pttl", "+evalsha", "+eval", "+pexpire", "+expire", "+persist", "+unlink", "+get", "+getrange"];

    private static readonly string[] TrackingRights = ["&__redis__:invalidate", "+subscribe", "+unsubscribe", "+role"];

    private static readonly string[] TrackingOnClusterRights = [.. TrackingRights, "+cluster|nodes"];

    private static readonly string[] RelayRights = ["&__prima_nodes__:clinic:", "+publish"];

    private static readonly string[] ChannelRights = ["&__prima_nodes__:clinic:", "+subscribe", "+unsubscribe", "+publish"];

    private static readonly string[] ChannelOnClusterRights = ["&__prima_nodes__:clinic:", "+ssubscribe", "+sunsubscribe", "+spublish", "+cluster|nodes"];

    private static readonly string[] LeaseRights = ["~__prima_lease__:*", "&__prima_wake__:*", "+subscribe", "+unsubscribe", "+publish", "+append", "+type", "+hget", "+del", "+time"];

    [Fact]
    public async Task Tracking_WithItsRights_IsArmed()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(await server.SetUserAsync("app", "secret", [.. EntryRights, .. TrackingRights]), Instance);

        await server.ExecuteAsync("SET", "clinic:k", "1");
        await subject.UntilAsync("key k");
        await subject.Cache.SetAsync("__MSFT_HCT__ward", BitConverter.GetBytes(42L), new(), CancellationToken.None);
        await subject.UntilAsync("tag ward 42");
    }

    [Fact]
    public async Task TrackingOverTls_WithItsRightsAndAClientCertificate_IsArmed()
    {
        await using var server = await RedisServers.StartTlsAsync(demandClientCertificate: true);
        await server.Process.SetUserAsync("app", "secret", [.. EntryRights, .. TrackingRights]);
        var options = ConfigurationOptions.Parse($"{server.Configuration},user=app,password=secret");
        options.TrustIssuer(TestCertificates.Instance.AuthorityFile);
        options.SetUserPemCertificate(TestCertificates.Instance.ClientCertificateFile, TestCertificates.Instance.ClientKeyFile);
        await using var subject = TrackingSubject.Start(new PrimaRedisCacheOptions { ConfigurationOptions = options, InstanceName = Instance });

        await subject.UntilArmedAsync();
        await server.Process.ExecuteAsync("SET", "clinic:k", "1");
        await subject.UntilAsync("key k");
        await server.Process.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await subject.UntilAsync("clear ConnectionLost");
        await subject.UntilArmedAsync();
    }

    [Fact]
    public async Task TrackingBesideTheChannel_WithTheRightsOfBoth_TellsIt()
    {
        await using var server = await RedisServers.StartProcessAsync();
        var tracking = await server.SetUserAsync("tracking", "secret", [.. EntryRights, .. TrackingRights, .. RelayRights]);
        var listening = await server.SetUserAsync("listening", "secret", [.. EntryRights, .. ChannelRights]);
        await using var listener = await ChannelSubject.StartArmedAsync(listening, Instance);
        await using var subject = await TrackingSubject.StartArmedAsync(tracking, Instance);

        await Poll.UntilAsync("it is told", TrackingSubject.Deadline, () =>
        {
            subject.Source.Announce(["k"]);
            return listener.Sink.Count("key k") > 0;
        });
    }

    [Fact]
    public async Task TrackingOnACluster_WithItsRights_IsArmed()
    {
        await using var cluster = await RedisServers.StartClusterAsync();
        var configuration = await SetUserAsync(cluster, [.. EntryRights, .. TrackingOnClusterRights]);
        await using var subject = await TrackingSubject.StartArmedAsync(configuration, Instance);

        await (await cluster.PrimaryOfAsync("clinic:k")).ExecuteAsync("SET", "clinic:k", "1");
        await subject.UntilAsync("key k");
    }

    [Fact]
    public async Task Tracking_WithoutOneOfItsRights_IsRefused()
    {
        await using var server = await RedisServers.StartProcessAsync();
        foreach (var right in TrackingRights.Where(static right => right is not "+unsubscribe"))
        {
            var configuration = await server.SetUserAsync("app", "secret", [.. EntryRights, .. TrackingRights.Except([right])]);
            await using var subject = TrackingSubject.Start(configuration, Instance);
            await Poll.UntilAsync($"it is refused without {right}", TrackingSubject.Deadline, () => subject.Refusals.Count > 0);
        }
    }

    [Fact]
    public async Task Channel_WithItsRights_IsArmed()
    {
        await using var server = await RedisServers.StartProcessAsync();
        var configuration = await server.SetUserAsync("app", "secret", [.. EntryRights, .. ChannelRights]);

        await AssertChannelAsync(configuration);
    }

    [Fact]
    public async Task ChannelOnACluster_WithItsRights_IsArmed()
    {
        await using var cluster = await RedisServers.StartClusterAsync();
        var configuration = await SetUserAsync(cluster, [.. EntryRights, .. ChannelOnClusterRights]);

        await AssertChannelAsync(configuration);
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task Leases_WithTheirRights_Work(EntryLayout layout)
    {
        await using var server = await RedisServers.StartProcessAsync();
        var configuration = await server.SetUserAsync("app", "secret", [.. EntryRights, .. LeaseRights, .. layout == EntryLayout.String ? ["+set"] : Array.Empty<string>()]);
        await using var holder = await LeaseNode.OpenAsync(configuration, layout, Instance);
        await using var waiter = await LeaseNode.OpenAsync(configuration, layout, Instance);
        var held = await holder.HoldAsync("k");
        var busy = await waiter.TakeAsync("k");
        Assert.Equal(LeaseState.Busy, busy.State);

        Assert.Equal(FillResult.Written, await holder.FillAsync(held, "made"));
        await waiter.Desk.WaitAsync(busy, CancellationToken.None).AsTask().WaitAsync(LeaseNode.Deadline);
        Assert.Equal(LeaseState.Changed, (await waiter.TakeAsync("k")).State);
        await waiter.SetAsync("k", "set");
        await waiter.RemoveAsync("k");
        await holder.Desk.ReleaseAsync(await holder.HoldAsync("k"));
        await using var clock = new RedisClock(holder.Cache, TimeProvider.System);
        await clock.SampleAsync(CancellationToken.None);
        Assert.True(clock.IsCorrected);
    }

    [Theory]
    [InlineData("~__prima_lease__:*")]
    [InlineData("&__prima_wake__:*")]
    public async Task Leases_WithoutTheirRights_AreUnsupported_AndWritesWork(string right)
    {
        await using var server = await RedisServers.StartProcessAsync();
        var configuration = await server.SetUserAsync("app", "secret", [.. EntryRights, .. LeaseRights.Except([right])]);
        await using var node = LeaseNode.Start(configuration, instanceName: Instance);
        await Poll.UntilAsync("leases are refused", LeaseNode.Deadline, async () => (await node.TakeAsync("k")).State == LeaseState.Unsupported);

        await node.SetAsync("k", "set");
        Assert.Equal("set", await node.GetAsync("k"));
        await node.RemoveAsync("k");
        Assert.Null(await node.GetAsync("k"));
    }

    private static async Task<string> SetUserAsync(RedisCluster cluster, string[] rights)
    {
        foreach (RedisProcess node in cluster.Nodes)
        {
            await node.SetUserAsync("app", "secret", rights);
        }

        return $"{cluster.Configuration},user=app,password=secret";
    }

    private static async Task AssertChannelAsync(string configuration)
    {
        await using var one = await ChannelSubject.StartArmedAsync(configuration, Instance);
        await using var other = await ChannelSubject.StartArmedAsync(configuration, Instance);
        one.Source.Announce(["k"]);
        await other.UntilAsync("key k");
    }
}
