using Prima.Extensions.Caching.Redis.TestServers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Connections;

/// <summary>Every way to say where Redis is, against the real thing.</summary>
public sealed class ServerKindTests
{
    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task Cluster_OneSeedNode_AllSlotsAreReached(EntryLayout layout)
    {
        var cluster = await SharedServers.GetClusterAsync();
        await using var cache = Create(options =>
        {
            options.Configuration = $"redis://{cluster.EndPoints[0]}";
            options.Layout = layout;
        });

        var keys = Enumerable.Range(0, 300).Select(static i => $"seed:{Guid.NewGuid():N}:{i}").ToArray();
        await Task.WhenAll(keys.Select(key => cache.SetAsync(key, [1], new() { SlidingExpiration = TimeSpan.FromMinutes(1) })));

        Assert.All(await Task.WhenAll(keys.Select(key => cache.GetAsync(key))), Assert.NotNull);
        var primaries = await Task.WhenAll(keys.Take(50).Select(cluster.PrimaryOfAsync));
        Assert.Equal(3, primaries.Distinct().Count());
    }

    [Fact]
    public async Task Sentinel_ByServiceName_IsServedByThePrimary()
    {
        var group = await SharedServers.GetSentinelAsync();
        await using var cache = Create(options => options.Configuration = group.Configuration);
        var key = Guid.NewGuid().ToString("N");

        await cache.SetAsync(key, [1], new());

        var primary = await group.PrimaryAsync();
        await using var client = await ConnectionMultiplexer.ConnectAsync(primary.Configuration);
        Assert.True(await client.GetDatabase().KeyExistsAsync(key));
    }

    [Fact]
    public async Task DatabaseNumber_InTheUri_IsUsed()
    {
        var server = await SharedServers.GetStandaloneAsync();
        await using var cache = Create(options => options.Configuration = $"redis://{server.EndPoints[0]}/3");
        var key = Guid.NewGuid().ToString("N");

        await cache.SetAsync(key, [1], new());

        await using var client = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        Assert.True(await client.GetDatabase(3).KeyExistsAsync(key));
        Assert.False(await client.GetDatabase(0).KeyExistsAsync(key));
    }

    [Fact]
    public async Task Clients_AreNamed()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var cache = Create(options => options.Configuration = server.Configuration);
        await cache.SetAsync(Guid.NewGuid().ToString("N"), [1], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(1) });

        var clients = (await server.ExecuteAsync("CLIENT", "LIST")).Text;
        Assert.Contains($"name={Environment.MachineName}(Prima.Extensions.Caching.Redis-v", clients, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pool_SeveralConnections_AreAllUsed()
    {
        var server = await SharedServers.GetProcessAsync();
        var name = $"pool-{Guid.NewGuid():N}";
        await using var cache = Create(options =>
        {
            options.Configuration = $"{server.Configuration},name={name}";
            options.ConnectionPoolSize = 3;
        });
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => cache.GetAsync($"k{i}")));

        var clients = (await server.ExecuteAsync("CLIENT", "LIST")).Text!.Split('\n').Where(line => line.Contains(name, StringComparison.Ordinal));
        Assert.Equal(3, clients.Count(static line => line.Contains("flags=N", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Factory_Multiplexer_OutlivesTheCache()
    {
        var server = await SharedServers.GetStandaloneAsync();
        await using var shared = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        var calls = 0;
        var cache = Create(options => options.ConnectionMultiplexerFactory = () =>
        {
            calls++;
            return Task.FromResult<IConnectionMultiplexer>(shared);
        });
        await cache.SetAsync("factory", [1], new());
        Assert.Equal([1], await cache.GetAsync("factory"));
        cache.Dispose();
        await cache.DisposeAsync();

        Assert.Equal(1, calls);
        Assert.True(await shared.GetDatabase().KeyDeleteAsync("factory"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => cache.GetAsync("factory"));
        Assert.Throws<ObjectDisposedException>(() => cache.Get("factory"));
    }

    [Fact]
    public async Task Dispose_OwnMultiplexer_ClosesItsConnections()
    {
        var server = await SharedServers.GetProcessAsync();
        var name = $"closing-{Guid.NewGuid():N}";
        var cache = Create(options => options.Configuration = $"{server.Configuration},name={name}");
        Assert.Null(await cache.GetAsync("k"));
        await cache.DisposeAsync();

        await Poll.UntilAsync("no connection is left", TimeSpan.FromSeconds(5), async () =>
            !(await server.ExecuteAsync("CLIENT", "LIST")).Text!.Contains(name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task CallersConfigurationOptions_AreNotChanged()
    {
        var server = await SharedServers.GetStandaloneAsync();
        var given = ConfigurationOptions.Parse(server.Configuration);
        var (before, abort, beforeConnect) = (given.ToString(true), given.AbortOnConnectFail, given.BeforeSocketConnect);
        await using var cache = Create(options => options.ConfigurationOptions = given);
        Assert.Null(await cache.GetAsync(Guid.NewGuid().ToString("N")));

        Assert.Equal(before, given.ToString(true));
        Assert.Equal(abort, given.AbortOnConnectFail);
        Assert.Same(beforeConnect, given.BeforeSocketConnect);
    }

    private static PrimaRedisCache Create(Action<PrimaRedisCacheOptions> configure)
    {
        var options = new PrimaRedisCacheOptions { FailureMode = FailureMode.Throw };
        configure(options);
        return new PrimaRedisCache(options);
    }
}
