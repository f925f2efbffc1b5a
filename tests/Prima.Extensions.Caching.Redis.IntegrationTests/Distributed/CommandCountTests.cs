using Microsoft.Extensions.Time.Testing;
using Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Observation;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Distributed;

/// <summary>Which commands each operation costs, counted at the server.</summary>
public sealed class CommandCountTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [CombinatorialValues(EntryLayout.Hash, EntryLayout.String)]
    public async Task Operations_Steady_SendOneCommandThatIsWaitedFor(CacheAccess access, EntryLayout layout)
    {
        var server = await SharedServers.GetProcessAsync();

        // Its clock stands still: a read that follows another comes at once, however slow the machine is.
        await using var subject = await CacheUnderTest.PrimaAsync(server.Configuration, layout, time: new FakeTimeProvider(TimeProvider.System.GetUtcNow()));
        var cache = subject.Cache;
        var key = Guid.NewGuid().ToString("N");
        var warm = Guid.NewGuid().ToString("N");
        await cache.SetAsync(access, warm, [1], new());
        await cache.RefreshAsync(access, warm);
        var (set, get, refresh) = layout == EntryLayout.Hash ? ("EVALSHA", "HMGET", "EVALSHA") : ("SET", "GET", "GETRANGE");

        await using var log = await CommandLog.StartAsync(server);
        await AssertSentAsync(() => cache.GetAsync(access, key), get);
        await AssertSentAsync(() => cache.SetAsync(access, key, [1], new() { AbsoluteExpirationRelativeToNow = Minute }), set);
        await AssertSentAsync(() => cache.GetAsync(access, key), get);
        await AssertSentAsync(() => cache.RefreshAsync(access, key), refresh);
        await AssertSentAsync(() => cache.SetAsync(access, key, [1], new() { SlidingExpiration = Minute }), set);
        await AssertSentAsync(() => cache.GetAsync(access, key), get, "EXPIRE");
        await AssertSentAsync(() => cache.GetAsync(access, key), get);
        await AssertSentAsync(() => cache.RefreshAsync(access, key), refresh, "EXPIRE");
        await AssertSentAsync(() => cache.RefreshAsync(access, key), refresh, "EXPIRE");
        await AssertSentAsync(() => cache.SetAsync(access, key, [1], new() { SlidingExpiration = Minute }), set);
        await AssertSentAsync(() => cache.GetAsync(access, key), get, "EXPIRE");
        await AssertSentAsync(() => cache.RemoveAsync(access, key), "UNLINK");

        async Task AssertSentAsync(Func<Task> operation, params string[] expected)
        {
            await log.ReadAsync();
            await operation();

            // Another cache's keep-alive has no business here; the extension that nobody waits for may arrive a moment later.
            var seen = new List<string>();
            await Poll.UntilAsync($"Redis has got {string.Join(", ", expected)}, and not {string.Join(", ", seen)}", TimeSpan.FromSeconds(5), async () =>
            {
                seen.AddRange((await log.ReadAsync()).Where(command => !command.IsFromScript && command.ToString().Contains(key, StringComparison.Ordinal)).Select(command => command.Name));
                return seen.Count >= expected.Length;
            });
            Assert.Equal(expected, seen.Select(name => name == "PEXPIRE" ? "EXPIRE" : name));
        }
    }

    [Fact]
    public async Task Set_AfterScriptFlush_SendsTheScriptOnce()
    {
        // A server of its own: other tests count what scripts cost on the shared one.
        await using var server = await RedisServers.StartProcessAsync();
        await using var subject = await CacheUnderTest.PrimaAsync(server.Configuration, EntryLayout.Hash);
        var key = Guid.NewGuid().ToString("N");
        await subject.Cache.SetAsync(key, [1], new());
        await server.ExecuteAsync("SCRIPT", "FLUSH");

        await using var log = await CommandLog.StartAsync(server);
        await subject.Cache.SetAsync(key, [2], new());
        await subject.Cache.SetAsync(key, [3], new());

        var names = (await log.ReadAsync()).Where(command => !command.IsFromScript && command.ToString().Contains(key, StringComparison.Ordinal)).Select(command => command.Name);
        Assert.Equal(["EVALSHA", "EVAL", "EVALSHA"], names);
        Assert.Equal([3], await subject.Cache.GetAsync(key));
    }
}
