using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Faults;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Reliability;

/// <summary>An hour of outage at 1,000 operations a second, as fast as they go.</summary>
[Collection(nameof(LongOutageTests))]
[CollectionDefinition(nameof(LongOutageTests), DisableParallelization = true)]
public sealed class LongOutageTests
{
    private const int Operations = 3_600_000;
    private const int Keys = 50_000;
    private const int AllowedGrowth = 1024 * 1024;

    // One for commands; one for messages from the server, which the client keeps beside it.
    private const int ConnectionsOfTheClient = 2;

    [Theory]
    [InlineData(FaultMode.Refuse)]
    [InlineData(FaultMode.BlackHole)]
    public async Task AnHour_MemoryIsFlatAndOneAttemptIsUnderWay(FaultMode fault)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var proxy = FaultProxy.Start(server);
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions
        {
            Configuration = proxy.Configuration,
            JournalCapacity = 10_000,
            CommandTimeout = TimeSpan.FromSeconds(1),
            ConnectTimeout = TimeSpan.FromSeconds(1),
        });
        await cache.SetAsync("k", [1], new());
        using var unobserved = new UnobservedFaults();
        var keys = Enumerable.Range(0, Keys).Select(static i => $"k{i}").ToArray();
        proxy.Mode = fault;
        proxy.CutAll();
        using var end = new CancellationTokenSource();
        var mostAttempts = MostConnectionsAsync(proxy, end.Token);

        // The journal fills, and what is made once is made.
        await RunAsync(cache, keys, 0, Operations / 10);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await RunAsync(cache, keys, Operations / 10, Operations);
        var after = GC.GetTotalMemory(forceFullCollection: true);
        await end.CancelAsync();

        TestContext.Current.TestOutputHelper?.WriteLine($"{before:n0} B, then {after:n0} B; at most {await mostAttempts} connections");
        Assert.InRange(after - before, long.MinValue, AllowedGrowth);
        Assert.Equal(10_000, cache.State().JournalLength);
        Assert.InRange(await mostAttempts, 0, ConnectionsOfTheClient);
        Assert.Empty(unobserved.Collect());
    }

    private static async Task RunAsync(PrimaRedisCache cache, string[] keys, int from, int to)
    {
        byte[] value = [1];
        for (var i = from; i < to; i++)
        {
            var key = keys[i % keys.Length];
            switch (i % 10)
            {
                case 0:
                    await cache.SetAsync(key, value, new());
                    break;
                case 1:
                    await cache.RemoveAsync(key);
                    break;
                case 2:
                    await cache.RefreshAsync(key);
                    break;
                default:
                    Assert.Null(await cache.GetAsync(key));
                    break;
            }
        }
    }

    private static async Task<int> MostConnectionsAsync(FaultProxy proxy, CancellationToken end)
    {
        var most = 0;
        while (!end.IsCancellationRequested)
        {
            most = Math.Max(most, proxy.OpenConnections);
            await Task.Delay(1, CancellationToken.None);
        }

        return most;
    }

    /// <summary>Exceptions of tasks that nobody looked at.</summary>
    private sealed class UnobservedFaults : IDisposable
    {
        private readonly List<Exception> _faults = [];

        public UnobservedFaults()
        {
            // Those of earlier tests are not ours.
            CollectGarbage();
            TaskScheduler.UnobservedTaskException += Note;
        }

        public IReadOnlyList<Exception> Collect()
        {
            CollectGarbage();
            return _faults;
        }

        public void Dispose() => TaskScheduler.UnobservedTaskException -= Note;

        private static void CollectGarbage()
        {
            for (var i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }

        private void Note(object? sender, UnobservedTaskExceptionEventArgs unobserved) => _faults.Add(unobserved.Exception);
    }
}
