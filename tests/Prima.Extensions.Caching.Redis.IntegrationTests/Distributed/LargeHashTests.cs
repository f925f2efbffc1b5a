using Microsoft.Extensions.Caching.Distributed;
using Prima.Extensions.Caching.Redis.IntegrationTests.Batch;
using Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Observation;
using Prima.Extensions.Caching.Redis.TestServers.Topologies;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Distributed;

/// <summary>Large values in the hash layout, which are written by a transaction and not by a script.</summary>
public sealed class LargeHashTests(OwnCluster fixture) : IClassFixture<OwnCluster>
{
    private static readonly DistributedCacheEntryOptions Expiring = new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(5) };

    private static readonly byte[] Large = Value(100_000);

    private static readonly string[] Writes = ["MULTI", "EXEC", "HMGET", "UNLINK", "HSET", "PEXPIRE", "EVALSHA", "EVAL"];

    [Theory, CombinatorialValues(8192, 100_000)]
    public async Task Set_IsOneTransaction_AndTheFirstFindsOutWhetherOneIsTaken(CacheAccess access, int length)
    {
        var value = Value(length);
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(server.Configuration);
        await using var log = await CommandLog.StartAsync(server);

        await cache.SetAsync(access, "k", value, Expiring);
        var first = await SentAsync(log);
        await cache.SetAsync(access, "k", value, Expiring);
        var read = await cache.GetAsync(access, "k");
        await log.ReadAsync();
        await cache.SetAsync(access, "k", value, Expiring);
        var second = await SentAsync(log);
        await cache.SetAsync(access, "k", Value(8191), Expiring);
        var small = await SentAsync(log);

        Assert.Equal(["MULTI", "HMGET", "HMGET", "EXEC", "MULTI", "UNLINK", "HSET", "PEXPIRE", "EXEC"], first);
        Assert.Equal(["MULTI", "UNLINK", "HSET", "PEXPIRE", "EXEC"], second);
        Assert.Equal(["EVALSHA", "EVAL"], small);
        Assert.Equal(value, read);
        Assert.Equal(Value(8191), await cache.GetAsync("k"));
    }

    [Theory]
    [InlineData("RPUSH", "k", "foreign")]
    [InlineData("SET", "k", "foreign")]
    [InlineData("HSET", "k", "absexp", "-1", "sldexp", "-1", "data", "old", "another", "field")]
    public async Task Set_OverSomethingElse_ReplacesIt(params string[] before)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(server.Configuration);
        for (var attempt = 0; attempt < 2; attempt++)
        {
            await server.ExecuteAsync("DEL", "k");
            await server.ExecuteAsync(before);
            await server.ExecuteAsync("PEXPIRE", "k", "3600000");

            await cache.SetAsync("k", Large, new());

            Assert.Equal(Large, await cache.GetAsync("k"));
            Assert.Equal("3", (await server.ExecuteAsync("HLEN", "k")).ToString());
            Assert.Equal("-1", (await server.ExecuteAsync("PTTL", "k")).ToString());
        }
    }

    [Fact]
    public async Task Set_TransactionsRefused_GoesByScriptFromThenOn()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(await server.SetUserAsync("cache", "secret", "~*", "+@all", "-multi"));
        await using var log = await CommandLog.StartAsync(server);

        await cache.SetAsync("k", Large, Expiring);
        var first = await SentAsync(log);
        await cache.SetAsync("k", Large, Expiring);
        var second = await SentAsync(log);

        Assert.Equal(["HMGET", "HMGET", "EVALSHA", "EVAL"], first.Where(static name => name != "EXEC"));
        Assert.Equal(["EVALSHA"], second);
        Assert.Equal(Large, await cache.GetAsync("k"));
    }

    [Theory]
    [InlineData(",$MULTI=")]
    [InlineData(",$EXEC=")]
    [InlineData(",$DISCARD=")]
    [InlineData(",$UNLINK=")]
    public async Task Set_ClientHasNoTransactions_GoesByScript(string commandMap)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(server.Configuration + commandMap);

        await cache.SetAsync("k", Large, Expiring);
        cache.Set("l", Large, Expiring);
        var batch = await cache.SetManyAsync([new("a", Large, Expiring), new("b", new byte[] { 1 }, Expiring)]);

        Assert.Equal(BatchOutcome.Stored.Each(2), batch.Outcomes);
        Assert.All((await cache.GetManyArraysAsync(["k", "l", "a"])).Values, static value => Assert.Equal(Large, value));
    }

    [Fact]
    public async Task Set_TransactionsAndScriptsRefused_IsAFault()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(await server.SetUserAsync("cache", "secret", "~*", "+@all", "-multi", "-@scripting"));

        for (var attempt = 0; attempt < 2; attempt++)
        {
            await Assert.ThrowsAsync<RedisServerException>(() => cache.SetAsync("k", Large, Expiring));
        }

        Assert.Equal("0", (await server.ExecuteAsync("EXISTS", "k")).ToString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Set_OutOfMemory_LeavesTheOldEntry(bool isKnown)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(server.Configuration);
        await cache.SetAsync("k", isKnown ? Large : [1], Expiring);
        await server.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");

        var exception = await Assert.ThrowsAsync<RedisServerException>(() => cache.SetAsync("k", Value(50_000), Expiring));
        await server.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");

        Assert.Equal(RedisErrorKind.OutOfMemory, exception.Kind);
        Assert.Equal(isKnown ? Large : [1], await cache.GetAsync("k"));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task SetMany_LargeAndSmall_StoresAll_OfDuplicatesTheLast(bool isKnown, bool isRefused)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(isRefused ? await server.SetUserAsync("cache", "secret", "~*", "+@all", "-multi") : server.Configuration);
        if (isKnown)
        {
            await cache.SetAsync("k", Large, Expiring);
            await cache.SetAsync("k", [1], Expiring);
        }

        (string Key, int Length)[] entries = [("a", 10), ("b", 20_000), ("c", 30), ("a", 40_000), ("d", 50_000), ("b", 60), ("e", 70_000), ("e", 80_000)];
        await using var log = await CommandLog.StartAsync(server);
        var stored = await cache.SetManyAsync(entries.Select(static entry => new BatchEntry(entry.Key, Value(entry.Length), Expiring)));
        var sent = await SentAsync(log);
        var read = await cache.GetManyArraysAsync(["a", "b", "c", "d", "e"]);

        Assert.Equal(BatchOutcome.Stored.Each(8), stored.Outcomes);
        Assert.Equal<int?>([40_000, 60, 30, 50_000, 80_000], read.Values.Select(static value => value?.Length));
        Assert.Equal("5", (await server.ExecuteAsync("EXISTS", "a", "b", "c", "d", "e")).ToString());
        if (isKnown && !isRefused)
        {
            Assert.Equal(5, sent.Count(static name => name == "HSET"));
        }
    }

    [Fact]
    public async Task Set_SlotOnItsWay_IsStored()
    {
        var cluster = await fixture.GetAsync();
        await using var cache = Create(cluster.Configuration);
        string[] keys = [.. BatchData.Keys(4, $"{{{BatchData.NewKey()}}}")];
        await cache.SetAsync(keys[0], Large, Expiring);
        await cache.SetAsync(keys[1], Large, Expiring);
        var migration = await BeginMigrationAsync(cluster, keys[0]);
        await migration.MoveKeysAsync(keys[0]);

        // One that was moved, one that was not, one that is new; in a batch another new one too.
        foreach (var key in keys[..3])
        {
            await cache.SetAsync(key, Value(20_000), Expiring);
        }

        var batch = await cache.SetManyAsync(keys.Select(static key => new BatchEntry(key, Value(30_000), Expiring)));
        await migration.MoveKeysAsync();
        await migration.CompleteAsync();
        var moved = await cache.GetManyArraysAsync(keys);
        await cache.SetAsync(keys[0], Value(40_000), Expiring);

        Assert.Equal(BatchOutcome.Stored.Each(4), batch.Outcomes);
        Assert.All(moved.Values, static value => Assert.Equal(30_000, value?.Length));
        Assert.Equal(Value(40_000), await cache.GetAsync(keys[0]));
    }

    [Fact]
    public async Task Set_SlotMovesMeanwhile_IsStored()
    {
        var cluster = await fixture.GetAsync();
        await using var cache = Create(cluster.Configuration);
        string[] keys = [.. BatchData.Keys(50, $"{{{BatchData.NewKey()}}}")];
        using var done = new CancellationTokenSource();
        var writer = Task.Run(async () =>
        {
            var length = 10_000;
            do
            {
                length++;
                await Task.WhenAll(keys.Select(key => cache.SetAsync(key, Value(length), Expiring)));
            }
            while (!done.IsCancellationRequested);

            return length;
        });

        for (var round = 0; round < 4; round++)
        {
            await MoveAsync(cluster, keys[0]);
        }

        await done.CancelAsync();
        var last = await writer;

        Assert.All((await cache.GetManyArraysAsync(keys)).Values, value => Assert.Equal(last, value?.Length));
    }

    // The first command of a transaction is taken, and what comes after the large one is answered with MOVED or ASK: EXEC too.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Set_SlotMovesWhileTheValueIsOnItsWay_IsStored(bool isCompleted)
    {
        var cluster = await fixture.GetAsync();
        await using var cache = Create(cluster.Configuration);
        var value = Value(30_000_000);
        for (var delay = 0; delay < 60; delay += 15)
        {
            var key = $"{{{BatchData.NewKey()}}}";
            await cache.SetAsync(key, Large, Expiring);
            var migration = await BeginMigrationAsync(cluster, key);

            var write = Task.Run(() => cache.SetAsync(key, value, Expiring));
            await Task.Delay(delay);
            await migration.MoveKeysAsync(key);
            await (isCompleted ? migration.CompleteAsync() : write);
            await write;

            Assert.Equal(value.Length, (await cache.GetAsync(key))?.Length);
            await cache.RemoveAsync(key);
            await (isCompleted ? Task.CompletedTask : migration.CompleteAsync());
        }
    }

    private static async Task<SlotMigration> BeginMigrationAsync(RedisCluster cluster, string key)
    {
        var owner = await cluster.PrimaryOfAsync(key);
        return await cluster.BeginMigrationAsync(await cluster.SlotOfAsync(key), (await cluster.PrimariesAsync()).First(node => node != owner));
    }

    private static async Task MoveAsync(RedisCluster cluster, string key)
    {
        var migration = await BeginMigrationAsync(cluster, key);
        await Task.Delay(100);
        await migration.MoveKeysAsync();
        await migration.CompleteAsync();
    }

    private static async Task<string[]> SentAsync(CommandLog log) =>
        [.. (await log.ReadAsync()).Where(static command => !command.IsFromScript && Writes.Contains(command.Name)).Select(static command => command.Name)];

    private static byte[] Value(int length)
    {
        var value = new byte[length];
        new Random(length).NextBytes(value);
        return value;
    }

    private static PrimaRedisCache Create(string configuration) => new(new PrimaRedisCacheOptions { Configuration = configuration, FailureMode = FailureMode.Throw });
}
