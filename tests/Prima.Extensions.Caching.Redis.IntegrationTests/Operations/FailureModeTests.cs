using System.Diagnostics;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Faults;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Operations;

/// <summary>What the application sees of a Redis that is not there.</summary>
public sealed class FailureModeTests
{
    // Nobody listens on port 1.
    private const string Nowhere = "redis://127.0.0.1:1?connectRetry=1";

    [Fact]
    public async Task HostStart_UnreachableRedis_DoesNotWait()
    {
        using var host = Host.CreateDefaultBuilder()
            .ConfigureServices(static services => services.AddPrimaRedisCache(static options => options.Configuration = Nowhere))
            .Build();
        var start = Stopwatch.GetTimestamp();
        await host.StartAsync();

        // Not a measurement: the client's own attempt to connect takes several times as long.
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(5));
        await host.StopAsync();
    }

    [Theory]
    [InlineData(CacheAccess.Sync)]
    [InlineData(CacheAccess.Async)]
    [InlineData(CacheAccess.BufferSync)]
    [InlineData(CacheAccess.BufferAsync)]
    public async Task Degrade_UnreachableRedis_ReadsAreMissesAndWritesAreDropped(CacheAccess access)
    {
        await using var cache = Create(Nowhere, FailureMode.Degrade);

        Assert.Null(await cache.GetAsync(access, "k"));
        await cache.SetAsync(access, "k", [1], new());
        await cache.RefreshAsync(access, "k");
        await cache.RemoveAsync(access, "k");
    }

    [Theory]
    [InlineData(CacheAccess.Sync)]
    [InlineData(CacheAccess.Async)]
    [InlineData(CacheAccess.BufferSync)]
    [InlineData(CacheAccess.BufferAsync)]
    public async Task Throw_UnreachableRedis_ReachesTheCaller(CacheAccess access)
    {
        await using var cache = Create(Nowhere, FailureMode.Throw);
        foreach (var call in new Func<Task>[]
        {
            () => cache.GetAsync(access, "k"),
            () => cache.SetAsync(access, "k", [1], new()),
            () => cache.RefreshAsync(access, "k"),
            () => cache.RemoveAsync(access, "k"),
        })
        {
            var exception = await Assert.ThrowsAnyAsync<Exception>(call);
            Assert.True(exception is RedisException or TimeoutException, exception.ToString());
        }
    }

    [Fact]
    public async Task Degrade_FactoryThrows_IsAMissAndTriedAgain()
    {
        var server = await SharedServers.GetStandaloneAsync();
        var calls = 0;
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions
        {
            ConnectionMultiplexerFactory = async () =>
                ++calls == 1 ? throw new InvalidOperationException("no token yet") : await ConnectionMultiplexer.ConnectAsync(server.Configuration),
        });

        Assert.Null(await cache.GetAsync("k"));
        await Poll.UntilAsync("the factory is asked again", TimeSpan.FromSeconds(20), async () =>
        {
            await cache.SetAsync("factory-retry", [1], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) });
            return await cache.GetAsync("factory-retry") is [1];
        });
    }

    [Fact]
    public async Task Degrade_ServerKilledAndBack_RecoversByItself()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(server.Configuration, FailureMode.Degrade);
        await cache.SetAsync("k", [1], new());
        Assert.NotNull(await cache.GetAsync("k"));

        await server.KillAsync();
        Assert.Null(await cache.GetAsync("k"));
        await cache.SetAsync("k", [2], new());
        await server.RestartAsync();

        await Poll.UntilAsync("the cache works again", TimeSpan.FromSeconds(20), async () =>
        {
            await cache.SetAsync("k", [3], new());
            return await cache.GetAsync("k") is [3];
        });
    }

    [Theory]
    [InlineData(FaultMode.BlackHole)]
    [InlineData(FaultMode.Corrupt)]
    [InlineData(FaultMode.Refuse)]
    public async Task Degrade_NetworkFault_IsAMissAndCancellationIsNotHidden(FaultMode fault)
    {
        var server = await SharedServers.GetProcessAsync();
        await using var proxy = FaultProxy.Start(server);
        await using var cache = Create(proxy.Configuration, FailureMode.Degrade);
        var key = Guid.NewGuid().ToString("N");
        await cache.SetAsync(key, [1], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(5) });
        Assert.NotNull(await cache.GetAsync(key));

        proxy.Mode = fault;
        Assert.Null(await cache.GetAsync(key));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cache.GetAsync(key, new CancellationToken(canceled: true)));

        proxy.Mode = FaultMode.Pass;
        await Poll.UntilAsync("the cache works again", TimeSpan.FromSeconds(30), async () => await cache.GetAsync(key) is not null);
    }

    [Fact]
    public async Task Throw_OutOfMemory_LeavesTheOldEntry()
    {
        await using var server = await RedisServers.StartProcessAsync();
        foreach (var layout in Enum.GetValues<EntryLayout>())
        {
            await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions
            {
                Configuration = server.Configuration,
                Layout = layout,
                FailureMode = FailureMode.Throw,
                InstanceName = layout.ToString(),
            });
            await cache.SetAsync("k", [1], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(5) });
            await server.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
            var exception = await Assert.ThrowsAsync<RedisServerException>(() => cache.SetAsync("k", [2], new()));
            await server.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");

            Assert.Equal(RedisErrorKind.OutOfMemory, exception.Kind);
            Assert.Equal([1], await cache.GetAsync("k"));
        }
    }

    private static PrimaRedisCache Create(string configuration, FailureMode failureMode) => new(new PrimaRedisCacheOptions
    {
        Configuration = configuration,
        FailureMode = failureMode,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        CommandTimeout = TimeSpan.FromSeconds(2),
    });
}
