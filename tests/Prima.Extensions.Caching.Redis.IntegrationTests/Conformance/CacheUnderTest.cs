using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;

/// <summary>A cache, and the server behind it as redis-cli would see it.</summary>
public sealed class CacheUnderTest : IAsyncDisposable
{
    private const string Prefix = "conformance:";

    private readonly ConnectionMultiplexer _client;

    private CacheUnderTest(IBufferDistributedCache cache, KnownDifferences differences, ConnectionMultiplexer client)
    {
        Cache = cache;
        Differences = differences;
        _client = client;
    }

    public IBufferDistributedCache Cache { get; }

    public KnownDifferences Differences { get; }

    public IDatabase Redis => _client.GetDatabase();

    public static RedisKey RedisKey(string key) => Prefix + key;

    public static async Task<CacheUnderTest> MicrosoftAsync(string configuration) => new(
        new RedisCache(new RedisCacheOptions { Configuration = configuration, InstanceName = Prefix }),
        KnownDifferences.OfMicrosoft,
        await ConnectionMultiplexer.ConnectAsync(configuration));

    public static async Task<CacheUnderTest> PrimaAsync(string configuration, EntryLayout layout) => new(
        new PrimaRedisCache(new PrimaRedisCacheOptions
        {
            Configuration = configuration,
            InstanceName = Prefix,
            Layout = layout,
            FailureMode = FailureMode.Throw,
        }),
        KnownDifferences.None,
        await ConnectionMultiplexer.ConnectAsync(configuration));

    public async Task<TimeSpan?> TimeToLiveAsync(string key) => await Redis.KeyTimeToLiveAsync(RedisKey(key));

    public async ValueTask DisposeAsync()
    {
        (Cache as IDisposable)?.Dispose();
        await _client.DisposeAsync();
    }
}
