using System.Collections.Concurrent;
using Prima.Extensions.Caching.Redis.TestServers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Reliability;

/// <summary>Connections of a pool die and are replaced one by one.</summary>
public sealed class PoolMemberTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(FailureMode.Degrade)]
    [InlineData(FailureMode.Throw)]
    public async Task MemberThatSomebodyDisposed_IsReplacedAndTheOthersAreNot(FailureMode mode)
    {
        var server = await SharedServers.GetProcessAsync();
        var made = new ConcurrentQueue<ConnectionMultiplexer>();
        using var telltale = new Telltale();
        var prefix = $"{Guid.NewGuid():N}:";
        var keys = Enumerable.Range(0, 60).Select(i => $"{prefix}{i}").ToArray();
        await using (var cache = telltale.CreateCache(new PrimaRedisCacheOptions
        {
            ConnectionPoolSize = 3,
            FailureMode = mode,
            ConnectionMultiplexerFactory = async () =>
            {
                var multiplexer = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
                made.Enqueue(multiplexer);
                return multiplexer;
            },
        }))
        {
            Assert.True((await SetAllAsync(cache, keys)).Succeeded);
            var before = made.ToArray();
            await before[1].DisposeAsync();
            await Poll.UntilAsync("every key can be written again", Patience, async () => (await SetAllAsync(cache, keys)).Succeeded);

            Assert.Equal(3, before.Length);
            Assert.Equal(4, made.Count);
            Assert.Equal(1, telltale.Count(1008));
            Assert.True(before[0].IsConnected && before[2].IsConnected);
            await Poll.UntilAsync("nothing is missed", Patience, () => cache.State().JournalLength == 0);
            await cache.RemoveManyAsync(keys);
        }

        foreach (var multiplexer in made)
        {
            await multiplexer.DisposeAsync();
        }
    }

    // Not awaited one by one: only the connection keeps them in order.
    [Fact]
    public async Task WritesOfOneKey_AreAppliedInOrder()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = server.Configuration, ConnectionPoolSize = 4, FailureMode = FailureMode.Throw });
        var prefix = $"{Guid.NewGuid():N}:";

        // Until a connection is made, and the server knows the script, writes that nobody awaits may overtake each other.
        for (var key = 0; key < 40; key++)
        {
            await cache.SetAsync($"{prefix}{key}", [0], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) });
        }

        for (var key = 0; key < 40; key++)
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(i => cache.SetAsync($"{prefix}{key}", [(byte)i], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) })));
            Assert.Equal([19], await cache.GetAsync($"{prefix}{key}"));
        }
    }

    private static Task<BatchResult> SetAllAsync(PrimaRedisCache cache, string[] keys) =>
        cache.SetManyAsync(keys.Select(static key => new BatchEntry(key, new byte[] { 1 }, new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) })));
}
