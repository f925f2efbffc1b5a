using Microsoft.Extensions.Caching.StackExchangeRedis;
using Prima.Extensions.Caching.Redis.TestServers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>A cache, those it shares a server with, and the server as redis-cli would see it.</summary>
public sealed class BatchSubject : IAsyncDisposable
{
    private const string Prefix = "batch:";

    private readonly ConnectionMultiplexer _client;

    private BatchSubject(string configuration, EntryLayout layout, int connections, ConnectionMultiplexer client)
    {
        Cache = new(Options(configuration, layout, connections));
        OtherLayout = new(Options(configuration, layout == EntryLayout.Hash ? EntryLayout.String : EntryLayout.Hash, connections: 1));
        Microsoft = new RedisCache(new RedisCacheOptions { Configuration = configuration, InstanceName = Prefix });
        _client = client;
    }

    public PrimaRedisCache Cache { get; }

    /// <summary>A node that writes the other layout.</summary>
    public PrimaRedisCache OtherLayout { get; }

    /// <summary>A node on Microsoft's provider.</summary>
    public RedisCache Microsoft { get; }

    public IDatabase Redis => _client.GetDatabase();

    public static async Task<BatchSubject> CreateAsync(IRedisServer server, EntryLayout layout, int connections) =>
        new(server.Configuration, layout, connections, await ConnectionMultiplexer.ConnectAsync(server.Configuration));

    public static RedisKey RedisKey(string key) => Prefix + key;

    public async Task<TimeSpan?> TimeToLiveAsync(string key) => await Redis.KeyTimeToLiveAsync(RedisKey(key));

    /// <summary>As if time had passed: what is left of the TTL becomes little.</summary>
    public async Task ShortenAsync(IEnumerable<string> keys)
    {
        foreach (var key in keys)
        {
            Assert.True(await Redis.KeyExpireAsync(RedisKey(key), TimeSpan.FromMinutes(1)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Cache.DisposeAsync();
        await OtherLayout.DisposeAsync();
        Microsoft.Dispose();
        await _client.DisposeAsync();
    }

    private static PrimaRedisCacheOptions Options(string configuration, EntryLayout layout, int connections) => new()
    {
        Configuration = configuration,
        InstanceName = Prefix,
        Layout = layout,
        ConnectionPoolSize = connections,
        FailureMode = FailureMode.Throw,
    };
}
