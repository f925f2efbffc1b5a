using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prima.Extensions.Caching.Redis.Diagnostics;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Faults;
using Prima.Extensions.Caching.Redis.TestServers.Observation;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>Which commands a batch costs, counted at the server.</summary>
public sealed class BatchCommandTests(OwnServer ownServer) : IClassFixture<OwnServer>
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task SetMany_HundredHashes_AreTwoScripts()
    {
        await using var cache = await CreateAsync(EntryLayout.Hash);
        await cache.SetManyAsync(BatchData.Entries(BatchData.Keys(2)));
        var keys = BatchData.Keys(100);

        var sent = await SentAsync(keys, () => cache.SetManyAsync(BatchData.Entries(keys)));

        Assert.Equal([("EVALSHA", 64), ("EVALSHA", 36)], sent.Select(command => (command.Name, KeysIn(command, keys))));
    }

    [Fact]
    public async Task GetMany_HundredHashes_AreHundredReads()
    {
        await using var cache = await CreateAsync(EntryLayout.Hash);
        var keys = BatchData.Keys(100);
        await cache.SetManyAsync(BatchData.Entries(keys));

        var sent = await SentAsync(keys, async () => (await cache.GetManyAsync(keys)).Dispose());

        Assert.Equal(Enumerable.Repeat("HMGET", 100), sent.Select(static command => command.Name));
    }

    [Fact]
    public async Task GetMany_HundredHashes_DoNotWaitForEachOther()
    {
        var server = await ownServer.GetAsync();
        await using var proxy = FaultProxy.Start(server);
        await using var cache = Create(proxy.Configuration, EntryLayout.Hash);
        var keys = BatchData.Keys(100);
        await cache.SetManyAsync(BatchData.Entries(keys));

        await AssertFewRoundTripsAsync(proxy, async () => (await cache.GetManyAsync(keys)).Dispose());
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task GetMany_SlidingJustExtended_SendsNoExtension(EntryLayout layout)
    {
        var options = new PrimaRedisCacheOptions { Configuration = (await ownServer.GetAsync()).Configuration, Layout = layout, FailureMode = FailureMode.Throw };
        await using var cache = new PrimaRedisCache(options, "", CacheMetrics.Shared, NullLoggerFactory.Instance, new FakeTimeProvider(TimeProvider.System.GetUtcNow()));
        var keys = BatchData.Keys(100);
        await SetAsync(keys);
        (await cache.GetManyAsync(keys)).Dispose();

        // What was replaced is extended again, and little else: now and then two keys fall into the same slot of what is remembered.
        await SetAsync(keys[..3]);
        var reads = layout == EntryLayout.Hash ? 100 : 1;
        var sent = await SentAsync(keys, async () => (await cache.GetManyAsync(keys)).Dispose(), atLeast: reads + 3);

        Assert.InRange(sent.Count - reads, 3, 20);

        Task SetAsync(IEnumerable<string> written) =>
            cache.SetManyAsync(written.Select(static key => BatchData.Entry(key, [1], new() { SlidingExpiration = Minute })));
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task GetMany_Sliding_IsOneExtensionForEachMore(EntryLayout layout)
    {
        await using var cache = await CreateAsync(layout);
        var keys = BatchData.Keys(100);
        await cache.SetManyAsync(keys.Select(static key => BatchData.Entry(key, [1], new() { SlidingExpiration = Minute })));

        var sent = await SentAsync(keys, async () => (await cache.GetManyAsync(keys)).Dispose(), atLeast: 100 + (layout == EntryLayout.Hash ? 100 : 1));

        Assert.Equal(100, sent.Count(static command => command.Name is "EXPIRE" or "PEXPIRE"));
        Assert.Equal(layout == EntryLayout.Hash ? 100 : 1, sent.Count(static command => command.Name is "HMGET" or "MGET"));
    }

    [Fact]
    public async Task GetMany_HundredStrings_AreOneRead()
    {
        await using var cache = await CreateAsync(EntryLayout.String);
        var keys = BatchData.Keys(100);
        await cache.SetManyAsync(BatchData.Entries(keys));

        var sent = await SentAsync(keys, async () => (await cache.GetManyAsync(keys)).Dispose());

        Assert.Equal([("MGET", 100)], sent.Select(command => (command.Name, KeysIn(command, keys))));
    }

    [Fact]
    public async Task SetMany_HundredStrings_AreHundredWritesWithTheirTtl()
    {
        await using var cache = await CreateAsync(EntryLayout.String);
        var keys = BatchData.Keys(100);

        var sent = await SentAsync(keys, () => cache.SetManyAsync(BatchData.Entries(keys)));

        Assert.Equal(Enumerable.Repeat(("SET", "PX"), 100), sent.Select(static command => (command.Name, command.Arguments[2])));
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task RemoveMany_Hundred_IsOneCommand(EntryLayout layout)
    {
        await using var cache = await CreateAsync(layout);
        var keys = BatchData.Keys(100);
        await cache.SetManyAsync(BatchData.Entries(keys));

        var sent = await SentAsync(keys, () => cache.RemoveManyAsync(keys));

        Assert.Equal([("UNLINK", 100)], sent.Select(command => (command.Name, KeysIn(command, keys))));
    }

    [Fact]
    public async Task SetMany_ColdScriptCache_SendsEachScriptCommandOnceMore()
    {
        await using var cache = await CreateAsync(EntryLayout.Hash);
        var keys = BatchData.Keys(100);
        await cache.SetManyAsync(BatchData.Entries(keys));
        await (await ownServer.GetAsync()).ExecuteAsync("SCRIPT", "FLUSH");

        var sent = await SentAsync(keys, () => cache.SetManyAsync(BatchData.Entries(keys)));

        Assert.Equal(["EVALSHA", "EVALSHA", "EVAL", "EVAL"], sent.Select(static command => command.Name));
    }

    [Fact]
    public async Task SetMany_ScriptCacheWarmAgain_SendsNoText()
    {
        await using var cache = await CreateAsync(EntryLayout.Hash);
        var keys = BatchData.Keys(10);
        await (await ownServer.GetAsync()).ExecuteAsync("SCRIPT", "FLUSH");
        await cache.SetManyAsync(BatchData.Entries(keys));

        var sent = await SentAsync(keys, () => cache.SetManyAsync(BatchData.Entries(keys)));

        Assert.Equal(["EVALSHA"], sent.Select(static command => command.Name));
    }

    [Fact]
    public async Task RefreshMany_ColdScriptCache_DoesNotGoOneByOne()
    {
        var server = await ownServer.GetAsync();
        await using var proxy = FaultProxy.Start(server);
        await using var cache = Create(proxy.Configuration, EntryLayout.Hash);
        var keys = BatchData.Keys(100);
        await cache.SetManyAsync(BatchData.Entries(keys));
        await server.ExecuteAsync("SCRIPT", "FLUSH");

        await AssertFewRoundTripsAsync(proxy, () => cache.RefreshManyAsync(keys));
    }

    [Fact]
    public async Task SetMany_ChunkSize_IsWhatACommandHasAtMost()
    {
        await using var cache = await CreateAsync(EntryLayout.Hash, chunkSize: 30);
        await cache.SetManyAsync(BatchData.Entries(BatchData.Keys(2)));
        var keys = BatchData.Keys(100);

        var sent = await SentAsync(keys, () => cache.SetManyAsync(BatchData.Entries(keys)));

        Assert.Equal([30, 30, 30, 10], sent.Select(command => KeysIn(command, keys)));
    }

    [Fact]
    public async Task GetMany_AfterLargeValues_MissesAreNotReadOneByOne()
    {
        await using var cache = await CreateAsync(EntryLayout.String);
        var large = BatchData.NewKey();
        await cache.SetAsync(large, new byte[1 << 20], BatchData.ForAWhile);
        (await cache.GetManyAsync([large])).Dispose();
        var missing = BatchData.Keys(300);

        var sent = await SentAsync(missing, async () => (await cache.GetManyAsync(missing)).Dispose());

        Assert.True(sent.Max(command => KeysIn(command, missing)) > 1, "Every key of the batch was a round trip of its own.");
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task AnyBatch_Empty_SendsNothing(EntryLayout layout)
    {
        // Nobody has connected yet, so that even a connection would show.
        var connections = 0;
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions
        {
            Layout = layout,
            ConnectionMultiplexerFactory = () => throw new InvalidOperationException($"Connection {++connections} was asked for."),
            FailureMode = FailureMode.Throw,
        });

        (await cache.GetManyAsync([])).Dispose();
        await cache.GetManyArraysAsync([]);
        await cache.GetManyAsync<Patient>([]);
        await cache.SetManyAsync(Array.Empty<BatchEntry>());
        await cache.SetManyAsync(AsyncEnumerable.Empty<BatchEntry>());
        await cache.SetManyAsync<Patient>([]);
        await cache.RefreshManyAsync([]);
        await cache.RemoveManyAsync([]);
        Assert.Empty(await cache.GetManyAsync(AsyncEnumerable.Empty<string>()).ToListAsync());

        Assert.Equal(0, connections);
    }

    [Fact]
    public async Task AnyBatch_OnlyWrongEntries_SendsNothing()
    {
        var connections = 0;
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions
        {
            ConnectionMultiplexerFactory = () => throw new InvalidOperationException($"Connection {++connections} was asked for."),
        });

        await cache.SetManyAsync([BatchData.Entry(null!, [1])]);
        await cache.GetManyArraysAsync([null!]);
        await cache.RemoveManyAsync([null!]);

        Assert.Equal(0, connections);
    }

    [Fact]
    public async Task SetMany_LazySequence_IsNeverMoreThanAChunkAhead()
    {
        await using var cache = await CreateAsync(EntryLayout.String, chunkSize: 100);
        await using var log = await CommandLog.StartAsync(await ownServer.GetAsync());
        var keys = BatchData.Keys(1000);
        var sent = 0;
        var ahead = new List<int>();

        await cache.SetManyAsync(ProduceAsync());

        Assert.Equal(100, ahead.Max());

        async IAsyncEnumerable<BatchEntry> ProduceAsync()
        {
            for (var i = 0; i < keys.Length; i++)
            {
                if (i % 50 is 0 or 49)
                {
                    sent += (await log.ReadAsync()).Sum(command => KeysIn(command, keys));
                    ahead.Add(i + 1 - sent);
                }

                yield return BatchData.Entry(keys[i], [1]);
            }
        }
    }

    [Fact]
    public async Task GetMany_LazySequence_IsNeverMoreThanAChunkAhead()
    {
        await using var cache = await CreateAsync(EntryLayout.Hash, chunkSize: 100);
        await using var log = await CommandLog.StartAsync(await ownServer.GetAsync());
        var keys = BatchData.Keys(1000);
        var sent = 0;
        var ahead = new List<int>();

        await foreach (var chunk in cache.GetManyAsync(ProduceAsync()))
        {
            chunk.Dispose();
        }

        Assert.Equal(100, ahead.Max());

        async IAsyncEnumerable<string> ProduceAsync()
        {
            for (var i = 0; i < keys.Length; i++)
            {
                if (i % 50 is 0 or 49)
                {
                    sent += (await log.ReadAsync()).Sum(command => KeysIn(command, keys));
                    ahead.Add(i + 1 - sent);
                }

                yield return keys[i];
            }
        }
    }

    [Fact]
    public async Task SetMany_LargeValues_AreNeverMoreThanTheByteLimitAhead()
    {
        await using var cache = await CreateAsync(EntryLayout.String, chunkBytes: 10 * 1024);
        await using var log = await CommandLog.StartAsync(await ownServer.GetAsync());
        var keys = BatchData.Keys(100);
        var sent = 0;
        var ahead = new List<int>();

        await cache.SetManyAsync(ProduceAsync());

        Assert.Equal(10, ahead.Max());

        async IAsyncEnumerable<BatchEntry> ProduceAsync()
        {
            for (var i = 0; i < keys.Length; i++)
            {
                sent += (await log.ReadAsync()).Sum(command => KeysIn(command, keys));
                ahead.Add(i + 1 - sent);
                yield return BatchData.Entry(keys[i], new byte[1024]);
            }
        }
    }

    private static int KeysIn(LoggedCommand command, string[] keys) => command.IsFromScript ? 0 : command.Arguments.Count(keys.Contains);

    private static PrimaRedisCache Create(string configuration, EntryLayout layout, int chunkSize = 128, int chunkBytes = 256 * 1024) => new(new PrimaRedisCacheOptions
    {
        Configuration = configuration,
        Layout = layout,
        BatchChunkSize = chunkSize,
        BatchChunkBytes = chunkBytes,
        FailureMode = FailureMode.Throw,
    });

    /// <summary>Generous, because the machine may be slow: a hundred round trips take five times as long.</summary>
    private static async Task AssertFewRoundTripsAsync(FaultProxy proxy, Func<Task> operation)
    {
        proxy.AnswerDelay = TimeSpan.FromMilliseconds(100);
        var start = Stopwatch.GetTimestamp();
        await operation();

        // A timer may be early by its resolution.
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds / 100, 0.5, 20);
    }

    private async Task<PrimaRedisCache> CreateAsync(EntryLayout layout, int chunkSize = 128, int chunkBytes = 256 * 1024) =>
        Create((await ownServer.GetAsync()).Configuration, layout, chunkSize, chunkBytes);

    /// <summary>The commands that named one of the keys; those that nobody waits for may come a moment later.</summary>
    private async Task<List<LoggedCommand>> SentAsync(string[] keys, Func<Task> operation, int atLeast = 0)
    {
        await using var log = await CommandLog.StartAsync(await ownServer.GetAsync());
        await operation();
        var sent = new List<LoggedCommand>();
        await Poll.UntilAsync($"Redis has got {atLeast} commands", TimeSpan.FromSeconds(10), async () =>
        {
            sent.AddRange((await log.ReadAsync()).Where(command => KeysIn(command, keys) > 0));
            return sent.Count >= atLeast;
        });
        return sent;
    }
}
