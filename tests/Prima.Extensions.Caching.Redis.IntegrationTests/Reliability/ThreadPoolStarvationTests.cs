using Prima.Extensions.Caching.Redis.TestServers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Reliability;

/// <summary>An application that calls the synchronous members from threads of the pool, many at a time.</summary>
[Collection(nameof(ThreadPoolStarvationTests))]
[CollectionDefinition(nameof(ThreadPoolStarvationTests), DisableParallelization = true)]
public sealed class ThreadPoolStarvationTests : IDisposable
{
    // The client has the switch for the whole process: later tests are not to have it.
    public void Dispose() => ConnectionMultiplexer.SetFeatureFlag("DedicatedThreads", false);

    [Theory]
    [InlineData(FailureMode.Degrade)]
    [InlineData(FailureMode.Throw)]
    public async Task DedicatedThreads_ServeACrowdOfSynchronousCallers(FailureMode mode)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = server.Configuration, FailureMode = mode, UseDedicatedThreads = true });
        await cache.SetAsync("k", [1], new());

        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20; i++)
            {
                Assert.Equal([1], cache.Get("k"));
            }
        })));
    }
}
