using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;
using Prima.Extensions.Caching.Redis.TestServers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Interop;

/// <summary>Old nodes on Microsoft's provider and new ones on ours, side by side on one Redis.</summary>
public sealed class MicrosoftInteropTests : IAsyncLifetime
{
    private const string Prefix = "ward:";
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private RedisCache _microsoft = null!;
    private PrimaRedisCache _prima = null!;
    private ConnectionMultiplexer _client = null!;

    public static TheoryData<bool, bool, bool> WriterAndExpirations
    {
        get
        {
            var data = new TheoryData<bool, bool, bool>();
            foreach (var writerIsMicrosoft in new[] { true, false })
            {
                foreach (var sliding in new[] { true, false })
                {
                    foreach (var absolute in new[] { true, false })
                    {
                        data.Add(writerIsMicrosoft, sliding, absolute);
                    }
                }
            }

            return data;
        }
    }

    public async ValueTask InitializeAsync()
    {
        var configuration = (await SharedServers.GetStandaloneAsync()).Configuration;
        _microsoft = new RedisCache(new RedisCacheOptions { Configuration = configuration, InstanceName = Prefix });
        _prima = new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = configuration, InstanceName = Prefix, FailureMode = FailureMode.Throw });
        _client = await ConnectionMultiplexer.ConnectAsync(configuration);
    }

    public async ValueTask DisposeAsync()
    {
        _microsoft?.Dispose();
        _prima?.Dispose();
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }
    }

    [Theory, MemberData(nameof(WriterAndExpirations))]
    public async Task Entry_OfTheOther_IsReadRefreshedOverwrittenAndRemoved(bool writerIsMicrosoft, bool sliding, bool absolute)
    {
        IBufferDistributedCache writer = writerIsMicrosoft ? _microsoft : _prima;
        IBufferDistributedCache reader = writerIsMicrosoft ? _prima : _microsoft;
        var options = new DistributedCacheEntryOptions
        {
            SlidingExpiration = sliding ? 10 * Minute : null,
            AbsoluteExpirationRelativeToNow = absolute ? 30 * Minute : null,
        };
        TimeSpan? expected = sliding ? 10 * Minute : absolute ? 30 * Minute : null;
        var key = "";
        foreach (var access in Enum.GetValues<CacheAccess>())
        {
            // A key of its own: a read that follows another at once extends nothing.
            key = Guid.NewGuid().ToString("N");
            await writer.SetAsync(key, [1, 2, 3], options);
            await ShortenAsync(key, sliding);
            Assert.Equal([1, 2, 3], await reader.GetAsync(access, key));
            await AssertTimeToLiveAsync(key, expected);
            await ShortenAsync(key, sliding);
            await reader.RefreshAsync(access, key);
            await AssertTimeToLiveAsync(key, expected);
        }

        await reader.SetAsync(key, [4], options);
        Assert.Equal([4], await writer.GetAsync(key));
        await reader.RemoveAsync(key);
        Assert.Null(await writer.GetAsync(key));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Set_SameEntry_LeavesSameBytesInRedis(bool sliding, bool absolute)
    {
        var options = new DistributedCacheEntryOptions
        {
            SlidingExpiration = sliding ? 10 * Minute : null,
            AbsoluteExpiration = absolute ? TimeProvider.System.GetUtcNow() + (30 * Minute) : null,
        };
        await _microsoft.SetAsync("theirs", [0, 255, 13, 10], options);
        await _prima.SetAsync("ours", [0, 255, 13, 10], options);

        Assert.Equal(await DumpAsync("theirs"), await DumpAsync("ours"));
    }

    [Theory]
    [InlineData(-8)]
    [InlineData(0)]
    [InlineData(9)]
    public async Task Entry_OfMicrosoftWithAbsoluteExpirationInAnotherZone_IsRead(int offsetHours)
    {
        var key = Guid.NewGuid().ToString("N");
        await _microsoft.SetAsync(key, [1], new() { AbsoluteExpiration = (TimeProvider.System.GetUtcNow() + Minute).ToOffset(TimeSpan.FromHours(offsetHours)) });

        foreach (var access in Enum.GetValues<CacheAccess>())
        {
            Assert.Equal([1], await _prima.GetAsync(access, key));
        }

        using var values = await _prima.GetManyAsync([key]);
        Assert.Equal(BatchOutcome.Hit, values[0]);
        await AssertTimeToLiveAsync(key, Minute);
    }

    private async Task<string[]> DumpAsync(string key) =>
        [.. (await _client.GetDatabase().HashGetAllAsync(Prefix + key)).Select(field => $"{field.Name}={Convert.ToHexString((byte[])field.Value!)}").Order(StringComparer.Ordinal)];

    private async Task ShortenAsync(string key, bool sliding)
    {
        if (sliding)
        {
            Assert.True(await _client.GetDatabase().KeyExpireAsync(Prefix + key, TimeSpan.FromSeconds(30)));
        }
    }

    private Task AssertTimeToLiveAsync(string key, TimeSpan? expected) =>
        Poll.UntilAsync($"the TTL is about {expected}", TimeSpan.FromSeconds(5), async () =>
        {
            var actual = await _client.GetDatabase().KeyTimeToLiveAsync(Prefix + key);
            return expected is null ? actual is null : actual <= expected && actual > expected - Minute;
        });
}
