using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Observation;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid.Coherence;

/// <summary>Nodes that are tracking beside nodes that cannot.</summary>
public sealed class MixedFleetTests
{
    private const string Key = "patient:7";

    private readonly string _instance = Guid.NewGuid().ToString("N") + ":";

    [Fact]
    public async Task Write_OfANodeThatIsTracking_ReachesOneOnTheChannel_AndBack()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var tracking = await HybridNode.OpenAsync(server.Configuration, _instance);
        await using var listening = await ListeningAsync(server.Configuration);
        Assert.Equal(("tracking", "channel"), (tracking.Cache.Source.Name, listening.Cache.Source.Name));
        await tracking.Cache.SetAsync(Key, "first", tags: ["ward"]);
        await ShownAsync(listening, "first");

        await tracking.Cache.SetAsync(Key, "second", tags: ["ward"]);
        await ShownAsync(listening, "second");
        await tracking.Cache.RemoveByTagAsync("ward");
        await GoneAsync(listening);
        await listening.Cache.SetAsync(Key, "third");
        await ShownAsync(tracking, "third");
        await ShownAsync(listening, "third");
        await tracking.Cache.RemoveAsync(Key);
        await GoneAsync(listening);
    }

    [Fact]
    public async Task Fill_OfANodeThatIsTracking_ReachesOneOnTheChannel()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var tracking = await HybridNode.OpenAsync(server.Configuration, _instance);
        await using var listening = await ListeningAsync(server.Configuration);
        var made = await listening.Cache.GetOrCreateAsync(Key, static _ => new ValueTask<string>("made here"));
        await ShownAsync(listening, made);

        // The removal is a foreign client's, which the channel does not tell of; what is made in its place is ours.
        await server.ExecuteAsync("DEL", _instance + Key);
        await tracking.Cache.GetOrCreateAsync(Key, static _ => new ValueTask<string>("made there"));
        await ShownAsync(listening, "made there");
    }

    [Fact]
    public async Task OnCluster_WritesReachTheOther()
    {
        var cluster = await SharedServers.GetClusterAsync();
        await using var tracking = await HybridNode.OpenAsync(cluster.Configuration, _instance);
        await using var listening = await ListeningAsync(cluster.Configuration);
        for (var i = 0; i < 20; i++)
        {
            await tracking.Cache.SetAsync($"k{i}", "first");
            await Poll.UntilAsync("shown", HybridNode.Deadline, async () => (await listening.Cache.TryGetAsync<string>($"k{i}")).Value == "first" && listening.Cache.Local.TryGet($"k{i}", out _));
            await tracking.Cache.SetAsync($"k{i}", "second");
            await Poll.UntilAsync("shown", HybridNode.Deadline, async () => (await listening.Cache.TryGetAsync<string>($"k{i}")).Value == "second");
        }
    }

    [Fact]
    public async Task NodeOnTheChannel_DoesNotAnswerBeforeAllWhoAreTrackingKnowOfIt()
    {
        await using var server = await RedisServers.StartProcessAsync();
        var began = ArmedTime.Now;
        await using var subject = await ChannelSubject.StartArmedAsync(server.Configuration, _instance);

        Assert.InRange(ArmedTime.Now - began, ArmedTime.Validity.TotalMilliseconds, double.MaxValue);
    }

    [Fact]
    public async Task NodeOnTheChannel_ThatCannotRenewItsMark_DoesNotAnswer()
    {
        await using var server = await RedisServers.StartProcessAsync();
        var configuration = await server.SetUserAsync("app", "secret", "~*", "&*", "+@all", "-pexpire");
        await using var subject = ChannelSubject.Start(configuration, _instance);
        await using var other = await ChannelSubject.StartArmedAsync(server.Configuration, _instance);

        Assert.False(subject.Source.IsArmed("k"));
    }

    [Fact]
    public async Task FullRedis_KeepsTheMark()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var subject = await ChannelSubject.StartArmedAsync(server.Configuration, _instance);
        await server.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");

        await Task.Delay(2 * ArmedTime.Validity);
        Assert.True(subject.Source.IsArmed("k"));
    }

    [Fact]
    public async Task FleetThatIsTracking_PublishesNothing_UntilSomebodyListens()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var tracking = await HybridNode.OpenAsync(server.Configuration, _instance);

        // It cannot know of the time before.
        await Task.Delay(ListenerMark.Memory + (2 * ArmedTime.ProbeInterval));
        await using (var log = await CommandLog.StartAsync(server))
        {
            await tracking.Cache.SetAsync(Key, "quiet");
            await Task.Delay(2 * ArmedTime.ProbeInterval);
            Assert.DoesNotContain(await log.ReadAsync(), static command => command.Name == "PUBLISH");
        }

        await using var listening = await ListeningAsync(server.Configuration);
        await ShownAsync(listening, "quiet");
        await tracking.Cache.SetAsync(Key, "said");
        await ShownAsync(listening, "said");
    }

    private Task<HybridNode> ListeningAsync(string configuration) =>
        HybridNode.OpenAsync("", _instance, configureRedis: options =>
        {
            options.Configuration = null;
            options.ConnectionMultiplexerFactory = async () => await ConnectionMultiplexer.ConnectAsync(configuration);
        });

    // From the L1: what is read from Redis is right anyway.
    private static Task ShownAsync(HybridNode node, string value) => Poll.UntilAsync($"shows {value} from its L1", HybridNode.Deadline, async () =>
        (await node.Cache.TryGetAsync<string>(Key)).Value == value && node.Cache.Local.TryGet(Key, out _));

    private static Task GoneAsync(HybridNode node) => Poll.UntilAsync("gone", HybridNode.Deadline, async () => !(await node.Cache.TryGetAsync<string>(Key)).Found);
}
