using Microsoft.Extensions.Logging.Abstractions;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Prima.Extensions.Caching.Redis.TestServers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid.Coherence;

/// <summary>Which source is chosen.</summary>
public sealed class CoherentSourceTests
{
    [Fact]
    public async Task Redis_IsTracked()
    {
        var server = await SharedServers.GetProcessAsync();

        await AssertAsync(new() { Configuration = server.Configuration }, "tracking");
    }

    [Fact]
    public async Task Garnet_HasTheChannel()
    {
        var server = await SharedServers.GetEmbeddedAsync();

        await AssertAsync(new() { Configuration = server.Configuration }, "channel");
    }

    [Fact]
    public async Task UserWithoutTheRight_HasTheChannel()
    {
        await using var server = await RedisServers.StartProcessAsync();
        var configuration = await server.SetUserAsync("app", "secret", "~*", "&*", "+@all", "-client|tracking");

        await AssertAsync(new() { Configuration = configuration }, "channel");
    }

    [Fact]
    public async Task ConnectionOfTheApplication_HasTheChannel()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(server.Configuration);

        await AssertAsync(new() { ConnectionMultiplexerFactory = () => Task.FromResult<IConnectionMultiplexer>(multiplexer) }, "channel");
    }

    private static async Task AssertAsync(PrimaRedisCacheOptions options, string name)
    {
        await using var cache = new PrimaRedisCache(options);
        await using var clock = new RedisClock(cache, TimeProvider.System);
        await using var source = new CoherentSource(cache, options, clock, NullLogger.Instance, TimeProvider.System);
        source.Start(new RecordingSink());

        await Poll.UntilAsync($"{name} is armed", TimeSpan.FromSeconds(30), () => source.Name == name && source.IsArmed("k"));
        Assert.Equal(name == "tracking", source.Refusal is null);
    }
}
