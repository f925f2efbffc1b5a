using System.Globalization;
using System.Text.RegularExpressions;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Faults;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Reliability;

/// <summary>A write that was given up may still be on its way to Redis. It must not bring back what was removed after it.</summary>
public sealed partial class LateWriteTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task RemovalWhileTheServerIsStopped_WinsOverTheWriteBeforeIt()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(server.Configuration);
        await cache.SetAsync("k", [1], new());

        server.Suspend();
        await Task.WhenAll(cache.SetAsync("k", [2], new()), cache.GetAsync("other"));
        await cache.RemoveAsync("k");
        server.Resume();

        await CheckRemovedAsync(server, cache);
    }

    public enum Ending
    {
        TimedOut,
        Canceled,
        CutOff,
    }

    public static MatrixTheoryData<Ending, bool> Endings { get; } = new(Enum.GetValues<Ending>(), [false, true]);

    [Theory, MemberData(nameof(Endings))]
    public async Task RemovalOverANewConnection_WinsOverTheWriteThatArrivesLater(Ending end, bool isAfterThatOfTheJournal)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var proxy = FaultProxy.Start(server);
        await using var cache = Create(proxy.Configuration);
        await cache.SetAsync("k", [1], new());

        proxy.HoldAll();
        using var soon = new CancellationTokenSource();
        var write = cache.SetAsync("k", [2], new(), soon.Token);
        await Poll.UntilAsync("the write is on its way", Patience, () => cache.State().Servers[0].OutstandingCommands > 0);
        if (end == Ending.Canceled)
        {
            await soon.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        }
        else if (end == Ending.CutOff)
        {
            await Task.Delay(50);
            proxy.AbandonAll();
        }

        if (end != Ending.Canceled)
        {
            await write;
        }

        await Poll.UntilAsync("the client has a new connection", Patience, async () =>
        {
            // Another key each time: one whose write timed out is a miss until the journal is done with it, and with the key of this test.
            var other = Guid.NewGuid().ToString("N");
            await cache.SetAsync(other, [1], new());
            return await cache.GetAsync(other) is [1];
        });
        if (isAfterThatOfTheJournal)
        {
            await Poll.UntilAsync("the journal's removal is in force", Patience, async () => (await server.ExecuteAsync("EXISTS", "k")).Number == 0);
        }

        await cache.RemoveAsync("k");
        await Poll.UntilAsync("the removal is in force", Patience, async () => (await server.ExecuteAsync("EXISTS", "k")).Number == 0);
        var writes = await WritesAsync(server);
        proxy.ReleaseAll();
        await Poll.UntilAsync("the late write has arrived", Patience, async () => await WritesAsync(server) > writes);

        await CheckRemovedAsync(server, cache);
    }

    private static PrimaRedisCache Create(string configuration) => new(new PrimaRedisCacheOptions { Configuration = configuration, CommandTimeout = TimeSpan.FromSeconds(1) });

    private static async Task<long> WritesAsync(IRedisServer server) =>
        long.Parse(WriteCount().Match((await server.ExecuteAsync("INFO", "commandstats")).Text!).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"cmdstat_hset:calls=(\d+)")]
    private static partial Regex WriteCount();

    // Nobody sees it on this node, at any time; and then nobody does anywhere.
    private static async Task CheckRemovedAsync(IRedisServer server, PrimaRedisCache cache)
    {
        await Poll.UntilAsync("the journal is empty", Patience, async () =>
        {
            Assert.Null(await cache.GetAsync("k"));
            return cache.State().JournalLength == 0;
        });
        Assert.Equal(0, (await server.ExecuteAsync("EXISTS", "k")).Number);
        Assert.Null(await cache.GetAsync("k"));
    }
}
