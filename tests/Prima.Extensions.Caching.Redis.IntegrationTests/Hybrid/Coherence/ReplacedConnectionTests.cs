using Prima.Extensions.Caching.Redis.TestServers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid.Coherence;

/// <summary>A connection that the application closes is replaced, and whoever listened on it listens on the next.</summary>
public sealed class ReplacedConnectionTests
{
    [Fact]
    public async Task ConnectionClosedByTheApplication_ChannelAndLeasesGoOnOverTheNext()
    {
        await using var server = await RedisServers.StartProcessAsync();
        var made = new List<ConnectionMultiplexer>();
        await using var node = await HybridNode.OpenAsync("", "replaced:", configureRedis: options =>
        {
            options.Configuration = null;
            options.ConnectionMultiplexerFactory = async () =>
            {
                made.Add(await ConnectionMultiplexer.ConnectAsync(server.Configuration));
                return made[^1];
            };
        });

        await made[0].CloseAsync();
        await Poll.UntilAsync("another is made", HybridNode.Deadline, async () =>
        {
            await node.Redis.GetAsync("any");
            return made.Count > 1;
        });

        // That of the nodes, and the one on which this node is woken.
        await Poll.UntilAsync("both channels are subscribed", HybridNode.Deadline, async () => (await server.ExecuteAsync("PUBSUB", "CHANNELS", "__prima_*")).Items.Count == 2);
        await node.ReadyAsync();
    }
}
