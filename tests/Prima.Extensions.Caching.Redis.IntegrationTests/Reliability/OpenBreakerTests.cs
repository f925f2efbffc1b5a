using System.Diagnostics;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Faults;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Reliability;

/// <summary>How long a read takes while Redis is away. The bound is the issue's.</summary>
[Collection(nameof(OpenBreakerTests))]
[CollectionDefinition(nameof(OpenBreakerTests), DisableParallelization = true)]
public sealed class OpenBreakerTests
{
    private const int Calls = 5_000;

    private static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(5);

    [Theory]
    [InlineData("killed")]
    [InlineData("stopped")]
    [InlineData("black hole")]
    public async Task Gets_WhileRedisIsAway_TakeLessThanTheBound(string fault)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var proxy = FaultProxy.Start(server);
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = proxy.Configuration });
        await cache.SetAsync("k", [1], new());
        await (fault switch
        {
            "killed" => KillAsync(),
            "stopped" => Task.Run(server.Suspend),
            _ => Task.Run(() => proxy.Mode = FaultMode.BlackHole),
        });

        // Those that meet the fault wait; with them the breaker opens.
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => cache.GetAsync("k")));
        await Poll.UntilAsync("the breaker is open", TimeSpan.FromSeconds(10), () => cache.State().Servers.All(static one => one.IsOpen));
        await cache.GetAsync("k");

        var times = new TimeSpan[Calls];
        for (var i = 0; i < Calls; i++)
        {
            var start = Stopwatch.GetTimestamp();
            Assert.Null(await cache.GetAsync("k"));
            times[i] = Stopwatch.GetElapsedTime(start);
        }

        Array.Sort(times);
        TestContext.Current.TestOutputHelper?.WriteLine($"median {times[Calls / 2].TotalMicroseconds:0.0} us, p99 {times[Calls * 99 / 100].TotalMicroseconds:0.0} us, longest {times[^1].TotalMilliseconds:0.0} ms");
        Assert.InRange(times[Calls * 99 / 100], TimeSpan.Zero, Bound);

        async Task KillAsync()
        {
            proxy.Mode = FaultMode.Refuse;
            await server.KillAsync();
        }
    }
}
