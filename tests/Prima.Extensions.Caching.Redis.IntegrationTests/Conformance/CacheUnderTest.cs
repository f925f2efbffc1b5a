using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.Logging.Abstractions;
using Prima.Extensions.Caching.Redis.Diagnostics;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;

/// <summary>A cache, and the server behind it as redis-cli would see it.</summary>
public sealed class CacheUnderTest : IAsyncDisposable
{
    private readonly ConnectionMultiplexer _client;
    private readonly string _prefix;

    private CacheUnderTest(IBufferDistributedCache cache, KnownDifferences differences, ConnectionMultiplexer client, string prefix)
    {
        Cache = cache;
        _prefix = prefix;
        Differences = differences;
        _client = client;
    }

    public IBufferDistributedCache Cache { get; }

    public KnownDifferences Differences { get; }

    public IDatabase Redis => _client.GetDatabase();

    public static async Task<CacheUnderTest> MicrosoftAsync(string configuration)
    {
        var prefix = NewPrefix();
        var cache = new RedisCache(new RedisCacheOptions { Configuration = configuration, InstanceName = prefix });
        return new(cache, KnownDifferences.OfMicrosoft, await ConnectionMultiplexer.ConnectAsync(configuration), prefix);
    }

    /// <param name="configuration">The server.</param>
    /// <param name="layout">What it writes.</param>
    /// <param name="prefix">Its keys; normally its own, because tests share servers.</param>
    /// <param name="time">Its clock; normally the system's.</param>
    public static async Task<CacheUnderTest> PrimaAsync(string configuration, EntryLayout layout, string? prefix = null, TimeProvider? time = null)
    {
        prefix ??= NewPrefix();
        var options = new PrimaRedisCacheOptions { Configuration = configuration, InstanceName = prefix, Layout = layout, FailureMode = FailureMode.Throw };
        var cache = new PrimaRedisCache(options, "", CacheMetrics.Shared, NullLoggerFactory.Instance, time ?? TimeProvider.System);
        return new(cache, KnownDifferences.None, await ConnectionMultiplexer.ConnectAsync(configuration), prefix);
    }

    public RedisKey RedisKey(string key) => _prefix + key;

    public async Task<TimeSpan?> TimeToLiveAsync(string key) => await Redis.KeyTimeToLiveAsync(RedisKey(key));

    public async ValueTask DisposeAsync()
    {
        (Cache as IDisposable)?.Dispose();
        await _client.DisposeAsync();
    }

    private static string NewPrefix() => $"conformance:{Guid.NewGuid():N}:";
}
