using StackExchange.Redis;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Connections;

public class RedisConnectionTests
{
    [Fact]
    public void AttemptThatFailsWhenNobodyWaitsAnyMore_IsObserved() => Assert.False(UnobservedFaults.AreLeftBy(FailUnawaited));

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
