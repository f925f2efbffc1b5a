using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prima.Extensions.Caching.Redis.Connections;
using StackExchange.Redis;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Connections;

public class RedisConnectionTests
{
    [Fact]
    public void AttemptThatFailsWhenNobodyWaitsAnyMore_IsObserved() => Assert.False(UnobservedFaults.AreLeftBy(FailUnawaited));

    [Fact]
    public async Task ConnectAsync_AfterAFailedAttempt_TriesAgainAfterAPause()
    {
        var attempts = 0;
        var time = new FakeTimeProvider();
        await using var pool = ConnectionPool.Create(
            new() { ConnectionMultiplexerFactory = () => throw new InvalidOperationException($"{++attempts}") },
            NullLoggerFactory.Instance,
            time);

        for (var i = 0; i < 10; i++)
        {
            Assert.Null(await pool.For("key").ConnectAsync(FailureMode.Degrade, CancellationToken.None));
        }

        Assert.Equal(1, attempts);
        time.Advance(TimeSpan.FromSeconds(1));
        await pool.For("key").ConnectAsync(FailureMode.Degrade, CancellationToken.None);
        Assert.Equal(2, attempts);
    }

    private static void FailUnawaited(string message)
    {
        var first = new TaskCompletionSource<IConnectionMultiplexer>();
        var attempts = 0;
        using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions
        {
            ConnectionMultiplexerFactory = () => Interlocked.Increment(ref attempts) == 1 ? first.Task : new TaskCompletionSource<IConnectionMultiplexer>().Task,
            CommandTimeout = TimeSpan.FromMilliseconds(1),
        });

        Assert.Null(cache.Get("key"));
        first.SetException(new InvalidOperationException(message));

        // There is a next attempt only after the first has ended.
        while (Volatile.Read(ref attempts) < 2)
        {
            Assert.Null(cache.Get("key"));
        }
    }
}
