using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Faults;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid.Coherence;

/// <summary>What nodes tell each other, and what becomes of lost messages.</summary>
public sealed class ChannelSourceTests
{
    private const string Instance = "channel:";

    public enum Server
    {
        Process,
        Cluster,
        Sentinel,
        Embedded,
    }

    [Theory]
    [InlineData(Server.Process)]
    [InlineData(Server.Cluster)]
    [InlineData(Server.Sentinel)]
    [InlineData(Server.Embedded)]
    public async Task Announcements_ReachTheOthers_AndNotTheSender(Server kind)
    {
        var configuration = await ConfigurationAsync(kind);
        var instance = Guid.NewGuid().ToString("N");
        await using var one = await ChannelSubject.StartArmedAsync(configuration, instance);
        await using var other = await ChannelSubject.StartArmedAsync(configuration, instance);
        await using var foreign = await ChannelSubject.StartArmedAsync(configuration, instance + "another");

        one.Source.Announce(["a", "ß{b}"]);
        one.Source.AnnounceTag("ward 7", 42);
        await other.UntilAsync("tag ward 7 42");
        Assert.Equal(["key a", "key ß{b}", "tag ward 7 42"], other.Sink.Events.Where(static happening => !happening.StartsWith("clear", StringComparison.Ordinal)));
        Assert.All(one.Sink.Events.Concat(foreign.Sink.Events), static happening => Assert.StartsWith("clear", happening, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cluster_UsesAShardedChannel()
    {
        var cluster = await SharedServers.GetClusterAsync();
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(cluster.Configuration);

        Assert.True(NodeChannel.On(multiplexer, Instance)!.Value.IsSharded);
    }

    [Fact]
    public async Task ManyKeys_AreSeveralMessages()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var one = await ChannelSubject.StartArmedAsync(server.Configuration, "channel-many:");
        await using var other = await ChannelSubject.StartArmedAsync(server.Configuration, "channel-many:");
        string[] keys = [.. Enumerable.Range(0, 20_000).Select(static number => $"key number {number}")];

        one.Source.Announce(keys);
        await other.UntilAsync("key " + keys[^1]);
        Assert.Equal(keys.Select(static key => "key " + key), other.Sink.Events.Where(static happening => happening.StartsWith("key", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task LostMessage_IsNoticedByTheNextBeat()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var other = await ChannelSubject.StartArmedAsync(server.Configuration, Instance);
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        var channel = RedisChannel.Literal("__prima_nodes__:" + Instance);
        var sender = Guid.NewGuid();
        var first = 0;
        await multiplexer.GetSubscriber().PublishAsync(channel, NodeMessage.WriteKeys(sender, 1, ["known"], ref first));
        await other.UntilAsync("key known");
        await multiplexer.GetSubscriber().PublishAsync(channel, NodeMessage.Write(NodeMessage.Kinds.Beat, sender, 1, 0));
        Assert.Equal(0, other.Sink.Count("clear Gap"));

        // Number 2 never came, and nothing follows it.
        await multiplexer.GetSubscriber().PublishAsync(channel, NodeMessage.Write(NodeMessage.Kinds.Beat, sender, 2, 0));
        await other.UntilAsync("clear Gap");
    }

    [Fact]
    public async Task SenderThatFallsSilent_IsAGap_AndOneThatSaysFarewellIsNot()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var other = await ChannelSubject.StartArmedAsync(server.Configuration, Instance);
        await using (var polite = await ChannelSubject.StartArmedAsync(server.Configuration, Instance))
        {
            polite.Source.Announce(["polite"]);
            await other.UntilAsync("key polite");
        }

        await using var proxy = FaultProxy.Start(server);
        await using var dying = await ChannelSubject.StartArmedAsync(proxy.Configuration, Instance);
        dying.Source.Announce(["dying"]);
        await other.UntilAsync("key dying");
        await Task.Delay(ArmedTime.Validity * 1.5);
        Assert.Equal(0, other.Sink.Count("clear Gap"));

        proxy.Mode = FaultMode.BlackHole;
        await other.UntilAsync("clear Gap");
    }

    [Fact]
    public async Task SubscriptionKilled_LosesAtOnce_AndArmsAnew()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var subject = await ChannelSubject.StartArmedAsync(server.Configuration, Instance);
        subject.Sink.Forget();

        await server.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await subject.UntilAsync("clear ConnectionLost");
        await subject.UntilAsync("clear Armed");
        await subject.UntilArmedAsync();
    }

    [Fact]
    public async Task ServerRestarted_ArmsAnew()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var subject = await ChannelSubject.StartArmedAsync(server.Configuration, Instance);

        await server.KillAsync();
        await subject.UntilDisarmedAsync();
        await server.RestartAsync();
        await subject.UntilArmedAsync();
    }

    [Fact]
    public async Task ClusterFailover_OfTheChannelsShard_ArmsAnew()
    {
        await using var cluster = await RedisServers.StartClusterAsync();
        await using var one = await ChannelSubject.StartArmedAsync(cluster.Configuration, Instance);
        await using var other = await ChannelSubject.StartArmedAsync(cluster.Configuration, Instance);

        await cluster.KillPrimaryOfAsync("__prima_nodes__:" + Instance);
        await one.UntilDisarmedAsync();
        await cluster.WaitUntilHealthyAsync();
        await one.UntilArmedAsync();
        await other.UntilArmedAsync();
        one.Source.Announce(["after"]);
        await other.UntilAsync("key after");
    }

    [Fact]
    public async Task SilentLink_IsNotArmedForLong()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var proxy = FaultProxy.Start(server);
        await using var subject = await ChannelSubject.StartArmedAsync(proxy.Configuration, Instance);

        proxy.Mode = FaultMode.BlackHole;
        await subject.UntilDisarmedAsync();
        proxy.Mode = FaultMode.Pass;
        await subject.UntilArmedAsync();
    }

    [Fact]
    public async Task Rubbish_IsLeftOut()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var one = await ChannelSubject.StartArmedAsync(server.Configuration, Instance);
        await using var other = await ChannelSubject.StartArmedAsync(server.Configuration, Instance);

        await server.ExecuteAsync("PUBLISH", "__prima_nodes__:" + Instance, "rubbish");
        one.Source.Announce(["after"]);
        await other.UntilAsync("key after");
    }

    private static async Task<string> ConfigurationAsync(Server kind) => kind switch
    {
        Server.Process => (await SharedServers.GetProcessAsync()).Configuration,
        Server.Cluster => (await SharedServers.GetClusterAsync()).Configuration,
        Server.Sentinel => (await SharedServers.GetSentinelAsync()).Configuration,
        _ => (await SharedServers.GetEmbeddedAsync()).Configuration,
    };
}
