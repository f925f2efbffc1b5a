using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Connections;

/// <summary>The registration without arguments, on servers that only the environment names.</summary>
[Collection(nameof(EnvironmentVariableTests))]
[CollectionDefinition(nameof(EnvironmentVariableTests), DisableParallelization = true)]
public sealed class EnvironmentVariableTests : IDisposable
{
    private readonly Dictionary<string, string?> _before = [];

    [Fact]
    public async Task RedisUrl_NamesTheServer()
    {
        var server = await SharedServers.GetStandaloneAsync();
        Set("REDIS_URL", $"redis://{server.EndPoints[0]}");
        await AssertWorksAsync();
    }

    [Fact]
    public async Task RedisUrl_BeatsKvUrl()
    {
        var server = await SharedServers.GetStandaloneAsync();
        Set("REDIS_URL", $"redis://{server.EndPoints[0]}");
        Set("KV_URL", "redis://127.0.0.1:1");
        await AssertWorksAsync();
    }

    [Fact]
    public async Task RedisUrl_WithUserAndPasswordBesideIt_LogsIn()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await server.SetUserAsync("clinic", "s3cr3t/@:", "~*", "&*", "+@all");
        Set("REDIS_URL", $"redis://{server.EndPoints[0]}");
        Set("REDIS_USERNAME", "clinic");
        Set("REDIS_PASSWORD", "s3cr3t/@:");
        await AssertWorksAsync(async () =>
            Assert.Contains("user=clinic", (await server.ExecuteAsync("CLIENT", "LIST")).Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ClusterNodes_BeatRedisUrl()
    {
        var cluster = await SharedServers.GetClusterAsync();
        Set("REDIS_CLUSTER_NODES", $"redis://{cluster.EndPoints[0]}, redis://{cluster.EndPoints[1]}");
        Set("REDIS_URL", "redis://127.0.0.1:1");
        await AssertWorksAsync();
    }

    [Fact]
    public async Task RedisCluster_OneUrl_IsASeedNode()
    {
        var cluster = await SharedServers.GetClusterAsync();
        Set("REDIS_URL", $"redis://{cluster.EndPoints[2]}");
        Set("REDIS_CLUSTER", "true");
        await AssertWorksAsync();
    }

    [Fact]
    public async Task SentinelNodes_WithMaster_FindThePrimary()
    {
        var group = await SharedServers.GetSentinelAsync();
        Set("REDIS_SENTINEL_NODES", string.Join(',', group.EndPoints.Select(static endpoint => $"redis://{endpoint}")));
        Set("REDIS_SENTINEL_MASTER", TestServers.Topologies.SentinelGroup.ServiceName);
        await AssertWorksAsync();
    }

    public void Dispose()
    {
        foreach (var (name, value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    private static async Task AssertWorksAsync(Func<Task>? whileConnected = null)
    {
        await using var provider = new ServiceCollection()
            .AddPrimaRedisCache(static options => options.FailureMode = FailureMode.Throw).Services
            .BuildServiceProvider();
        var cache = provider.GetRequiredService<IDistributedCache>();
        foreach (var key in Enumerable.Range(0, 30).Select(static i => $"environment:{Guid.NewGuid():N}:{i}"))
        {
            await cache.SetAsync(key, [1], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) });
            Assert.Equal([1], await cache.GetAsync(key));
        }

        await (whileConnected?.Invoke() ?? Task.CompletedTask);
    }

    private void Set(string name, string value)
    {
        _before.TryAdd(name, Environment.GetEnvironmentVariable(name));
        Environment.SetEnvironmentVariable(name, value);
    }
}
