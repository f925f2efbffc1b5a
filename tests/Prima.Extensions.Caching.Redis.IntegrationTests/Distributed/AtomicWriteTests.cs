using Microsoft.Extensions.Caching.Distributed;
using Prima.Extensions.Caching.Redis.TestServers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Distributed;

/// <summary>A value and its TTL arrive together or not at all.</summary>
public sealed class AtomicWriteTests
{
    private const int Kills = 500;

    [Theory]
    [InlineData(EntryLayout.Hash, 2_000)]
    [InlineData(EntryLayout.Hash, 20_000)]
    [InlineData(EntryLayout.String, 2_000)]
    public async Task Set_ConnectionsKilledWhileWriting_NoKeyWithoutTtl(EntryLayout layout, int length)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var admin = await ConnectionMultiplexer.ConnectAsync(server.Configuration + ",allowAdmin=true,name=admin");
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = server.Configuration + ",name=victim", Layout = layout });
        await cache.SetAsync("first", [1], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1) });

        using var done = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(() => WriteAsync(cache, writer, new byte[length], done.Token))).ToArray();
        await KillAsync(admin);
        await Poll.UntilAsync($"{Kills} keys are there to look at", TimeSpan.FromSeconds(60), async () => await admin.GetServers()[0].DatabaseSizeAsync() > Kills);
        await done.CancelAsync();
        await Task.WhenAll(writers);

        // What was under way when a connection was killed is removed; not while the keys are looked at.
        await cache.FlushAsync(TestContext.Current.CancellationToken);
        var keys = admin.GetServers()[0].Keys(pageSize: 5000).ToArray();
        foreach (var key in keys)
        {
            Assert.NotNull(await admin.GetDatabase().KeyTimeToLiveAsync(key));
        }
    }

    private static async Task WriteAsync(PrimaRedisCache cache, int writer, byte[] value, CancellationToken token)
    {
        var options = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1) };
        var attempts = 0;
        while (!token.IsCancellationRequested)
        {
            await cache.SetAsync($"{writer}:{attempts++ % 5000}", value, options, CancellationToken.None);
        }
    }

    private static async Task KillAsync(ConnectionMultiplexer admin)
    {
        var server = admin.GetServers()[0];
        for (var killed = 0; killed < Kills;)
        {
            foreach (var client in (await server.ClientListAsync()).Where(client => client.Name == "victim"))
            {
                try
                {
                    await server.ClientKillAsync(client.Id);
                    killed++;
                }
                catch (RedisServerException)
                {
                    // It was gone before.
                }
            }
        }
    }
}
