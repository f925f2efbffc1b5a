using System.Diagnostics;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Faults;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>What a batch tells about entries that Redis could not serve.</summary>
public sealed class BatchFailureTests
{
    // Nobody listens on port 1.
    private const string Nowhere = "redis://127.0.0.1:1?connectRetry=1";

    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(1);

    public static MatrixTheoryData<EntryLayout, FailureMode> LayoutsAndModes { get; } = new(Enum.GetValues<EntryLayout>(), Enum.GetValues<FailureMode>());

    [Theory, MemberData(nameof(LayoutsAndModes))]
    public async Task SetMany_OversizedValue_FailsAlone(EntryLayout layout, FailureMode mode)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await server.ExecuteAsync("CONFIG", "SET", "proto-max-bulk-len", "1048576");
        await using var cache = Create(server.Configuration, layout, mode);
        var keys = BatchData.Keys(21);

        // Often, because the answer, the end of the connection and the client's notice of it come in any order.
        for (var round = 0; round < 10; round++)
        {
            var result = await cache.SetManyAsync(keys.Select(static (key, i) => BatchData.Entry(key, BatchData.Value(100 + i, i == 10 ? 3 << 20 : 10))));

            Assert.Equal(keys.Select((_, i) => i == 10 ? FaultOf(mode) : BatchOutcome.Stored), result.Outcomes);
            Assert.Equal((10, keys[10]), Assert.Single(result.Errors.Select(static error => (error.Index, error.Key))));
        }
    }

    [Theory, MemberData(nameof(LayoutsAndModes))]
    public async Task SetMany_OutOfMemory_FailsWithWhatRedisSaidAndShowsNothingOlderThanAsked(EntryLayout layout, FailureMode mode)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(server.Configuration, layout, mode);
        var keys = BatchData.Keys(100);
        await cache.SetManyAsync(BatchData.Entries(keys));
        await server.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");

        var result = await cache.SetManyAsync(BatchData.Entries(keys, generation: 1));
        await server.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");

        Assert.Equal(FaultOf(mode).Each(100), result.Outcomes);
        Assert.Equal(Enumerable.Range(0, 100), result.Errors.Select(static error => error.Index));
        Assert.All(result.Errors, static error => Assert.Equal(RedisErrorKind.OutOfMemory, Assert.IsType<RedisServerException>(error.Exception).Kind));

        // With Throw the caller knows, and Redis has the old entries. With Degrade they were to be overwritten: nobody may see them again.
        await cache.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            keys.Select((_, i) => mode == FailureMode.Throw ? BatchData.Value(i, 10) : null),
            (await cache.GetManyArraysAsync(keys)).Values);
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task SetMany_MemoryEndsOnTheWay_StoredIsWhatIsThere(EntryLayout layout)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(server.Configuration, layout, FailureMode.Throw, chunkSize: 10);
        var used = (await server.ExecuteAsync("INFO", "memory")).Text!.Split('\n').First(static line => line.StartsWith("used_memory:", StringComparison.Ordinal)).Trim().Split(':')[1];
        await server.ExecuteAsync("CONFIG", "SET", "maxmemory", (long.Parse(used, System.Globalization.CultureInfo.InvariantCulture) + (8 << 20)).ToString(System.Globalization.CultureInfo.InvariantCulture));
        var keys = BatchData.Keys(300);

        var result = await cache.SetManyAsync(BatchData.Entries(keys, size: 50 * 1024));
        await server.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
        using var read = await cache.GetManyAsync(keys);

        Assert.Equal([BatchOutcome.Stored, BatchOutcome.Failed], result.Outcomes.Distinct());
        Assert.Equal(result.Outcomes.Select(static outcome => outcome == BatchOutcome.Stored ? BatchOutcome.Hit : BatchOutcome.Miss), read.Outcomes);
    }

    [Theory, MemberData(nameof(LayoutsAndModes))]
    public async Task AnyBatch_KeysWithoutPermission_FailAlone(EntryLayout layout, FailureMode mode)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(await server.SetUserAsync("cache", "secret", "~open*", "+@all"), layout, mode);
        string[] keys = [.. Enumerable.Range(0, 30).Select(static i => $"{(i % 10 == 5 ? "closed" : "open")}-{i}")];
        BatchOutcome[] Expected(BatchOutcome served) => [.. keys.Select((_, i) => i % 10 == 5 ? FaultOf(mode) : served)];

        var stored = await cache.SetManyAsync(BatchData.Entries(keys));
        using var read = await cache.GetManyAsync(keys);
        var refreshed = await cache.RefreshManyAsync(keys);
        var removed = await cache.RemoveManyAsync(keys);

        // With Degrade what could not be set is not asked for.
        var notAsked = mode == FailureMode.Degrade ? BatchOutcome.Skipped : BatchOutcome.Failed;
        BatchOutcome[] ExpectedRead(BatchOutcome served) => [.. Expected(served).Select(outcome => outcome == served ? served : notAsked)];

        Assert.Equal(Expected(BatchOutcome.Stored), stored.Outcomes);
        Assert.Equal(ExpectedRead(BatchOutcome.Hit), read.Outcomes);
        Assert.Equal(ExpectedRead(BatchOutcome.Refreshed), refreshed.Outcomes);
        Assert.Equal(Expected(BatchOutcome.Removed), removed.Outcomes);
        Assert.All(mode == FailureMode.Degrade ? [stored, removed] : new BatchResult[] { stored, read, refreshed, removed }, result =>
        {
            Assert.Equal([(5, keys[5]), (15, keys[15]), (25, keys[25])], result.Errors.Select(static error => (error.Index, error.Key)));
            Assert.All(result.Errors, static error => Assert.Equal(RedisErrorKind.NoPermission, Assert.IsType<RedisServerException>(error.Exception).Kind));
            Assert.All(result.Errors, error => Assert.StartsWith($"Redis at {server.EndPoint} could not serve '", error.Exception.Message, StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task SetMany_DuplicateAfterAScriptThatIsNotKnown_LastValueStays()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(server.Configuration, EntryLayout.Hash, FailureMode.Throw);

        // The script for one entry is known, that for many is not: the first 64 entries are sent again, and must not come after the last.
        await cache.SetAsync("other", [1], new());
        string[] keys = ["twice", .. Enumerable.Range(0, 63).Select(static i => $"key-{i}"), "twice"];
        var result = await cache.SetManyAsync(BatchData.Entries(keys));

        Assert.Equal(BatchOutcome.Stored.Each(keys.Length), result.Outcomes);
        Assert.Equal(BatchData.Value(keys.Length - 1, 10), await cache.GetAsync("twice"));
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task SetMany_DuplicateOfAnEntryThatIsDoneAgain_LastValueStays(EntryLayout layout)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(await server.SetUserAsync("cache", "secret", "~open*", "+@all"), layout, FailureMode.Throw);

        // The forbidden key spoils the first command and not the second: what shares the first is done again, and must not come after the second.
        string[] keys = ["open-twice", "closed", .. Enumerable.Range(0, 70).Select(static i => $"open-{i}"), "open-twice"];
        await cache.SetManyAsync(BatchData.Entries(keys));

        Assert.Equal(BatchData.Value(keys.Length - 1, 10), await cache.GetAsync("open-twice"));
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task AnyBatch_NoRightToScripts_IsServed(EntryLayout layout)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(await server.SetUserAsync("cache", "secret", "~*", "+@all", "-@scripting"), layout, FailureMode.Throw);
        var keys = BatchData.Keys(100);

        // Twice, because the first time tells the cache how to write.
        await cache.SetManyAsync(BatchData.Entries(keys, generation: 1));
        var stored = await cache.SetManyAsync(BatchData.Entries(keys));
        var refreshed = await cache.RefreshManyAsync(keys);

        Assert.Equal(BatchOutcome.Stored.Each(100), stored.Outcomes);
        Assert.Equal(BatchOutcome.Refreshed.Each(100), refreshed.Outcomes);
        Assert.Equal(keys.Select(static (_, i) => BatchData.Value(i, 10)), (await cache.GetManyArraysAsync(keys)).Values);
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task SetMany_NoRightToScripts_HasTheTtl(EntryLayout layout)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(await server.SetUserAsync("cache", "secret", "~*", "+@all", "-@scripting"), layout, FailureMode.Throw);
        var keys = BatchData.Keys(10);
        await cache.SetManyAsync(BatchData.Entries(keys));
        await cache.SetManyAsync(BatchData.Entries(keys));

        foreach (var key in keys)
        {
            Assert.InRange((await server.ExecuteAsync("PTTL", key)).Number, 1, 600_000);
        }
    }

    [Theory, MemberData(nameof(LayoutsAndModes))]
    public async Task AnyBatch_UnreachableRedis_TellsWhatBecameOfEach(EntryLayout layout, FailureMode mode)
    {
        await using var cache = Create(Nowhere, layout, mode);
        var keys = BatchData.Keys(50);
        var ends = mode == FailureMode.Throw ? new[] { BatchOutcome.Failed } : [BatchOutcome.Degraded, BatchOutcome.Skipped];

        foreach (var result in await EveryOperationAsync(cache, keys))
        {
            Assert.Equal(50, result.Count);
            Assert.False(result.Succeeded);
            Assert.All(result.Outcomes, outcome => Assert.Contains(outcome, ends));
            Assert.Equal(
                result.Outcomes.Select(static (outcome, i) => (outcome, i)).Where(static entry => entry.outcome != BatchOutcome.Skipped).Select(entry => (entry.i, keys[entry.i], entry.outcome)),
                result.Errors.Select(static error => (error.Index, error.Key!, error.Outcome)));
            Assert.All(result.Errors, static error => Assert.True(error.Exception is RedisException or TimeoutException, error.Exception.ToString()));
        }
    }

    [Theory]
    [InlineData(FaultMode.BlackHole)]
    [InlineData(FaultMode.Mute)]
    [InlineData(FaultMode.Corrupt)]
    [InlineData(FaultMode.Refuse)]
    public async Task AnyBatch_NetworkFault_ExceptionsHoldNeitherKeyNorValue(FaultMode fault)
    {
        const string Secret = "Erika-Mustermann";
        await using var server = await RedisServers.StartProcessAsync();
        await using var proxy = FaultProxy.Start(server);
        foreach (var layout in Enum.GetValues<EntryLayout>())
        {
            proxy.Mode = FaultMode.Pass;
            await using var cache = Create(proxy.Configuration, layout, FailureMode.Throw);
            await cache.SetAsync("first", [1], new());
            proxy.Mode = fault;
            string[] keys = [.. Enumerable.Range(0, 5).Select(static i => $"{Secret}-{i}")];

            var results = await EveryOperationAsync(cache, keys, System.Text.Encoding.UTF8.GetBytes(Secret));

            Assert.All(results, static result => Assert.Equal(BatchOutcome.Failed.Each(5), result.Outcomes));
            Assert.All(results.SelectMany(static result => result.Errors), static error => Assert.DoesNotContain(Secret, error.Exception.ToString(), StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task AnyBatch_RefusedByRedis_ExceptionsHoldNeitherKeyNorValue()
    {
        const string Secret = "Erika-Mustermann";
        await using var server = await RedisServers.StartProcessAsync();
        foreach (var layout in Enum.GetValues<EntryLayout>())
        {
            await using var cache = Create(await server.SetUserAsync("cache", "secret", "~open*", "+@all"), layout, FailureMode.Throw);

            var results = await EveryOperationAsync(cache, [$"{Secret}-1", $"{Secret}-2"], System.Text.Encoding.UTF8.GetBytes(Secret));

            Assert.All(results, static result => Assert.Equal(BatchOutcome.Failed.Each(2), result.Outcomes));
            Assert.All(results.SelectMany(static result => result.Errors), static error => Assert.DoesNotContain(Secret, error.Exception.ToString(), StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task AnyBatch_ConnectionThatIsNeverMade_WaitsAsLongAsACommandMay()
    {
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions
        {
            ConnectionMultiplexerFactory = static () => new TaskCompletionSource<IConnectionMultiplexer>().Task,
            CommandTimeout = TimeSpan.FromMilliseconds(200),
        });
        var keys = BatchData.Keys(50);
        var start = Stopwatch.GetTimestamp();

        await EveryOperationAsync(cache, keys);

        // Four batches of one chunk each. Generous: one by one the four would take more than half a minute.
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task AnyBatch_FactoryThrows_IsNotAskedAgainAtOnce()
    {
        var calls = 0;
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions
        {
            ConnectionMultiplexerFactory = () =>
            {
                Interlocked.Increment(ref calls);
                throw new InvalidOperationException("no token today");
            },
        });

        var start = Stopwatch.GetTimestamp();
        await EveryOperationAsync(cache, BatchData.Keys(100));

        // Half a second at least is between two calls.
        Assert.InRange(calls, 1, 1 + (int)(Stopwatch.GetElapsedTime(start) / TimeSpan.FromSeconds(0.5)));
    }

    [Theory, MemberData(nameof(LayoutsAndModes))]
    public async Task SetMany_ServerKilledOnTheWay_TellsWhatBecameOfEach(EntryLayout layout, FailureMode mode)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(server.Configuration, layout, mode, chunkSize: 100);
        var keys = BatchData.Keys(700);

        var result = await cache.SetManyAsync(KillAt(server, 450, BatchData.Entries(keys)));

        Assert.Equal(700, result.Count);
        Assert.Equal(BatchOutcome.Stored.Each(400), result.Outcomes.Take(400));
        Assert.DoesNotContain(BatchOutcome.Stored, result.Outcomes.Skip(400));
        Assert.All(result.Errors, error => Assert.Equal((keys[error.Index], FaultOf(mode)), (error.Key, error.Outcome)));
    }

    [Fact]
    public async Task GetMany_ServerKilledOnTheWay_KeepsWhatWasRead()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(server.Configuration, EntryLayout.Hash, FailureMode.Degrade, chunkSize: 100);
        var keys = BatchData.Keys(300);
        await cache.SetManyAsync(BatchData.Entries(keys));

        var read = new List<byte[]?>();
        await foreach (var chunk in cache.GetManyAsync(KillAt(server, 150, keys)))
        {
            using (chunk)
            {
                read.AddRange(chunk.ToArrays());
            }
        }

        Assert.Equal([.. keys.Take(100).Select(static (_, i) => BatchData.Value(i, 10)), .. Enumerable.Repeat<byte[]?>(null, 200)], read);
    }

    [Fact]
    public async Task AnyBatch_ServerBackAgain_IsServed()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = Create(server.Configuration, EntryLayout.Hash, FailureMode.Degrade);
        var keys = BatchData.Keys(100);
        await cache.SetManyAsync(BatchData.Entries(keys));
        await server.KillAsync();
        Assert.False((await cache.SetManyAsync(BatchData.Entries(keys))).Succeeded);
        await server.RestartAsync();

        await Poll.UntilAsync("a batch is stored again", TimeSpan.FromSeconds(30), async () => (await cache.SetManyAsync(BatchData.Entries(keys))).Succeeded);

        Assert.Equal(BatchOutcome.Hit.Each(100), (await cache.GetManyArraysAsync(keys)).Outcomes);
    }

    [Fact]
    public async Task AnyBatch_NullInput_NamesIt()
    {
        await using var cache = Create(Nowhere, EntryLayout.Hash, FailureMode.Degrade);

        foreach (var (parameter, call) in new (string, Func<Task>)[]
        {
            ("keys", () => cache.GetManyAsync((IEnumerable<string>)null!)),
            ("keys", () => cache.GetManyAsync((IAsyncEnumerable<string>)null!).ToListAsync().AsTask()),
            ("keys", () => cache.GetManyArraysAsync(null!)),
            ("keys", () => cache.GetManyAsync<Patient>(null!)),
            ("entries", () => cache.SetManyAsync((IEnumerable<BatchEntry>)null!)),
            ("entries", () => cache.SetManyAsync((IAsyncEnumerable<BatchEntry>)null!)),
            ("entries", () => cache.SetManyAsync((IEnumerable<BatchEntry<Patient>>)null!)),
            ("keys", () => cache.RefreshManyAsync(null!)),
            ("keys", () => cache.RemoveManyAsync(null!)),
        })
        {
            Assert.Equal(parameter, (await Assert.ThrowsAsync<ArgumentNullException>(call)).ParamName);
        }
    }

    [Fact]
    public async Task AnyBatch_NullKey_IsThatEntrysFailure()
    {
        await using var cache = Create((await SharedServers.GetStandaloneAsync()).Configuration, EntryLayout.Hash, FailureMode.Degrade);
        string[] keys = [BatchData.NewKey(), null!];

        foreach (var result in new BatchResult[] { await cache.GetManyArraysAsync(keys), await cache.RefreshManyAsync(keys), await cache.RemoveManyAsync(keys) })
        {
            Assert.Equal(BatchOutcome.Failed, result[1]);
            Assert.NotEqual(BatchOutcome.Failed, result[0]);
            var error = Assert.Single(result.Errors);
            Assert.Equal((1, null, "key"), (error.Index, error.Key, Assert.IsType<ArgumentNullException>(error.Exception).ParamName));
        }
    }

    [Fact]
    public async Task AnyBatch_DisposedCache_Throws()
    {
        var server = await SharedServers.GetStandaloneAsync();
        foreach (var layout in Enum.GetValues<EntryLayout>())
        {
            var cache = Create(server.Configuration, layout, FailureMode.Degrade);
            await cache.SetAsync(BatchData.NewKey(), [1], BatchData.ForAWhile);
            await cache.DisposeAsync();

            await Assert.ThrowsAsync<ObjectDisposedException>(() => cache.GetManyAsync(["k"]));
            await Assert.ThrowsAsync<ObjectDisposedException>(() => cache.GetManyArraysAsync(["k"]));
            await Assert.ThrowsAsync<ObjectDisposedException>(() => cache.SetManyAsync([BatchData.Entry("k", [1])]));
            await Assert.ThrowsAsync<ObjectDisposedException>(() => cache.RefreshManyAsync(["k"]));
            await Assert.ThrowsAsync<ObjectDisposedException>(() => cache.RemoveManyAsync(["k"]));
        }
    }

    private static BatchOutcome FaultOf(FailureMode mode) => mode == FailureMode.Throw ? BatchOutcome.Failed : BatchOutcome.Degraded;

    private static async IAsyncEnumerable<T> KillAt<T>(RedisProcess server, int index, T[] items)
    {
        for (var i = 0; i < items.Length; i++)
        {
            if (i == index)
            {
                await server.KillAsync();
            }

            yield return items[i];
        }
    }

    private static async Task<BatchResult[]> EveryOperationAsync(PrimaRedisCache cache, string[] keys, byte[]? value = null) =>
    [
        await cache.SetManyAsync(keys.Select(key => BatchData.Entry(key, value ?? [1]))),
        await cache.GetManyArraysAsync(keys),
        await cache.RefreshManyAsync(keys),
        await cache.RemoveManyAsync(keys),
    ];

    private static PrimaRedisCache Create(string configuration, EntryLayout layout, FailureMode mode, int chunkSize = 128) => new(new PrimaRedisCacheOptions
    {
        Configuration = configuration,
        Layout = layout,
        FailureMode = mode,
        BatchChunkSize = chunkSize,
        ConnectTimeout = CommandTimeout,
        CommandTimeout = CommandTimeout,
    });
}
