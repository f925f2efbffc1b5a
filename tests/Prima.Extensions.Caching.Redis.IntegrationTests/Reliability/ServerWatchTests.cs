using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Reliability;

/// <summary>What is known of a server that does not answer.</summary>
public sealed class ServerWatchTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task IsSilent_ServerThatHungAndThenDied_IsNoException()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = server.Configuration, CommandTimeout = TimeSpan.FromSeconds(20) });
        await cache.SetAsync("key", [1], new());
        var connection = cache.Executor.Connections.All[0];
        server.Suspend();
        var waiting = cache.GetAsync("key");
        await Poll.UntilAsync("the server is silent", Deadline, () => connection.Watch!.IsSilent("key"));

        await server.KillAsync();
        await Poll.UntilAsync("the connection is lost", Deadline, () => !connection.Database!.IsConnected("key"));

        // As it is between a look at the connection and a look at the server.
        Assert.True(connection.Watch!.IsSilent("key"));
        Assert.False(connection.IsUsable("key"));
        Assert.Null(await waiting);
    }
}
