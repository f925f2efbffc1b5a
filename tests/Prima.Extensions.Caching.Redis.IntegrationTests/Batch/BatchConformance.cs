using Microsoft.Extensions.Caching.Distributed;
using Prima.Extensions.Caching.Redis.TestServers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>What a batch must do on every kind of server, in both layouts, over one connection and several.</summary>
public abstract class BatchConformance(BatchSubjects subjects) : IClassFixture<BatchSubjects>
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(40);

    public enum Writer
    {
        OtherLayout,
        Microsoft,
    }

    private static DistributedCacheEntryOptions Sliding => new() { SlidingExpiration = 10 * Minute };

    protected abstract Task<IRedisServer> GetServerAsync();

    [Theory, BatchSetups(0, 1, 300, 3000)]
    public async Task GetMany_AfterSetMany_ReturnsSameBytes(EntryLayout layout, int connections, int count)
    {
        var cache = (await SubjectAsync(layout, connections)).Cache;
        var keys = BatchData.Keys(count);
        var expected = keys.Select((_, i) => BatchData.MixedValue(i)).ToArray();

        var stored = await cache.SetManyAsync(keys.Select((key, i) => BatchData.Entry(key, expected[i])));
        using var read = await cache.GetManyAsync(keys);
        await cache.RemoveManyAsync(keys);

        Assert.Equal(BatchOutcome.Stored.Each(count), stored.Outcomes);
        Assert.Equal(BatchOutcome.Hit.Each(count), read.Outcomes);
        Assert.Equal(expected, read.ToArrays());
    }

    [Theory, BatchSetups]
    public async Task GetMany_ShuffledAndDuplicateKeys_AnswersEachInItsPlace(EntryLayout layout, int connections)
    {
        var cache = (await SubjectAsync(layout, connections)).Cache;
        var keys = BatchData.Keys(200);
        var entries = keys.Take(150).ToDictionary(key => key, key => BatchData.Value(key.GetHashCode(StringComparison.Ordinal), 20));
        await cache.SetManyAsync(entries.Select(entry => BatchData.Entry(entry.Key, entry.Value)));
        var asked = new Random(1).GetItems(keys, 500);

        using var read = await cache.GetManyAsync(asked);

        Assert.Equal(asked.Select(key => entries.GetValueOrDefault(key)), read.ToArrays());
    }

    [Theory, BatchSetups]
    public async Task SetMany_DuplicateKeys_LastValueStays(EntryLayout layout, int connections)
    {
        var cache = (await SubjectAsync(layout, connections)).Cache;
        var keys = BatchData.Keys(20);

        // Within one command, one chunk, and over chunks.
        var result = await cache.SetManyAsync(Enumerable.Range(0, 400).Select(i => BatchData.Entry(keys[i * 7 % 20], BatchData.Value(i, 8))));
        using var read = await cache.GetManyAsync(keys);

        Assert.Equal(BatchOutcome.Stored.Each(400), result.Outcomes);
        Assert.Equal(keys.Select((_, key) => BatchData.Value(Enumerable.Range(0, 400).Last(i => i * 7 % 20 == key), 8)), read.ToArrays());
    }

    [Theory, BatchSetups]
    public async Task GetMany_HitsAndMisses_TellsThemApart(EntryLayout layout, int connections)
    {
        var cache = (await SubjectAsync(layout, connections)).Cache;
        var keys = BatchData.Keys(150);
        await cache.SetManyAsync(BatchData.Entries(keys.Where((_, i) => i % 3 == 0), size: 0));

        using var read = await cache.GetManyAsync(keys);

        Assert.Equal(keys.Select((_, i) => i % 3 == 0 ? BatchOutcome.Hit : BatchOutcome.Miss), read.Outcomes);
        Assert.True(read.Succeeded);
        Assert.Empty(read.Errors);
    }

    [Theory, BatchSetups]
    public async Task SetMany_OptionsPerEntry_EachHasItsOwnTtl(EntryLayout layout, int connections)
    {
        var subject = await SubjectAsync(layout, connections);
        var keys = BatchData.Keys(5);

        await subject.Cache.SetManyAsync(
        [
            BatchData.Entry(keys[0], [1], new() { AbsoluteExpirationRelativeToNow = 10 * Minute }),
            BatchData.Entry(keys[1], [1], new() { SlidingExpiration = 20 * Minute }),
            BatchData.Entry(keys[2], [1], new() { SlidingExpiration = 60 * Minute, AbsoluteExpirationRelativeToNow = 30 * Minute }),
            BatchData.Entry(keys[3], [1], new() { AbsoluteExpiration = TimeProvider.System.GetUtcNow() + (40 * Minute) }),
            BatchData.Entry(keys[4], [1], new()),
        ]);

        await AssertTimeToLiveAsync(subject, keys[0], 10 * Minute);
        await AssertTimeToLiveAsync(subject, keys[1], 20 * Minute);
        await AssertTimeToLiveAsync(subject, keys[2], 30 * Minute);
        await AssertTimeToLiveAsync(subject, keys[3], 40 * Minute);
        Assert.Null(await subject.TimeToLiveAsync(keys[4]));
        await subject.Cache.RemoveManyAsync(keys);
    }

    [Theory, BatchSetups]
    public async Task GetMany_SlidingAmongOthers_ExtendsOnlySliding(EntryLayout layout, int connections)
    {
        var subject = await SubjectAsync(layout, connections);
        await AssertExtendsOnlySlidingAsync(subject, async keys =>
        {
            using var read = await subject.Cache.GetManyAsync(keys);
            Assert.Equal(BatchOutcome.Hit.Each(keys.Length), read.Outcomes);
        });
    }

    [Theory, BatchSetups]
    public async Task RefreshMany_SlidingAmongOthers_ExtendsOnlySliding(EntryLayout layout, int connections)
    {
        var subject = await SubjectAsync(layout, connections);
        await AssertExtendsOnlySlidingAsync(subject, async keys =>
        {
            var refreshed = await subject.Cache.RefreshManyAsync(keys);
            Assert.Equal(BatchOutcome.Refreshed.Each(keys.Length), refreshed.Outcomes);
        });
    }

    [Theory, BatchSetups]
    public async Task RefreshMany_MissingKeys_AreMisses(EntryLayout layout, int connections)
    {
        var cache = (await SubjectAsync(layout, connections)).Cache;

        Assert.Equal(BatchOutcome.Miss.Each(100), (await cache.RefreshManyAsync(BatchData.Keys(100))).Outcomes);
    }

    [Theory, BatchSetups]
    public async Task RemoveMany_SomeMissing_NoneIsLeft(EntryLayout layout, int connections)
    {
        var cache = (await SubjectAsync(layout, connections)).Cache;
        var keys = BatchData.Keys(200);
        await cache.SetManyAsync(BatchData.Entries(keys.Where((_, i) => i % 2 == 0)));

        var removed = await cache.RemoveManyAsync([.. keys, .. keys]);
        using var read = await cache.GetManyAsync(keys);

        Assert.Equal(BatchOutcome.Removed.Each(400), removed.Outcomes);
        Assert.Equal(BatchOutcome.Miss.Each(200), read.Outcomes);
    }

    [Theory, BatchSetups]
    public async Task Batch_AndSingleEntries_SeeEachOther(EntryLayout layout, int connections)
    {
        var cache = (await SubjectAsync(layout, connections)).Cache;
        var keys = BatchData.Keys(2);

        await cache.SetAsync(keys[0], [1], BatchData.ForAWhile);
        await cache.SetManyAsync([BatchData.Entry(keys[1], [2])]);
        Assert.Equal([2], await cache.GetAsync(keys[1]));
        Assert.Equal([[1], [2]], (await cache.GetManyArraysAsync(keys)).Values);

        await cache.RemoveAsync(keys[1]);
        await cache.RemoveManyAsync([keys[0]]);
        Assert.Null(await cache.GetAsync(keys[0]));
        Assert.Equal(BatchOutcome.Miss.Each(2), (await cache.GetManyArraysAsync(keys)).Outcomes);
    }

    [Theory, BatchSetups(Writer.OtherLayout, Writer.Microsoft)]
    public async Task GetMany_EntriesOfOthers_AreReadAndExtended(EntryLayout layout, int connections, Writer writer)
    {
        var subject = await SubjectAsync(layout, connections);
        var keys = await WriteByAsync(subject, writer, 5);
        await subject.ShortenAsync(keys);

        using var read = await subject.Cache.GetManyAsync(keys);

        Assert.Equal(keys.Select((_, i) => BatchData.Value(i, 100)), read.ToArrays());
        await AssertTimeToLiveAsync(subject, keys[4], 10 * Minute);
    }

    [Theory, BatchSetups(Writer.OtherLayout, Writer.Microsoft)]
    public async Task RefreshMany_EntriesOfOthers_AreExtended(EntryLayout layout, int connections, Writer writer)
    {
        var subject = await SubjectAsync(layout, connections);
        var keys = await WriteByAsync(subject, writer, 5);
        await subject.ShortenAsync(keys);

        var refreshed = await subject.Cache.RefreshManyAsync(keys);

        Assert.Equal(BatchOutcome.Refreshed.Each(5), refreshed.Outcomes);
        await AssertTimeToLiveAsync(subject, keys[4], 10 * Minute);
    }

    [Theory, BatchSetups(Writer.OtherLayout, Writer.Microsoft)]
    public async Task SetMany_EntriesOfOthers_AreReplaced(EntryLayout layout, int connections, Writer writer)
    {
        var subject = await SubjectAsync(layout, connections);
        var keys = await WriteByAsync(subject, writer, 5);

        var stored = await subject.Cache.SetManyAsync(BatchData.Entries(keys, generation: 1, size: 50));

        Assert.Equal(BatchOutcome.Stored.Each(5), stored.Outcomes);
        Assert.All(keys, key => Assert.Equal(layout == EntryLayout.Hash ? RedisType.Hash : RedisType.String, subject.Redis.KeyType(BatchSubject.RedisKey(key))));
        Assert.Equal(keys.Select((_, i) => BatchData.Value(1_000_000 + i, 50)), (await subject.OtherLayout.GetManyArraysAsync(keys)).Values);
    }

    [Theory, BatchSetups(Writer.OtherLayout, Writer.Microsoft)]
    public async Task RemoveMany_EntriesOfOthers_AreGone(EntryLayout layout, int connections, Writer writer)
    {
        var subject = await SubjectAsync(layout, connections);
        var keys = await WriteByAsync(subject, writer, 5);

        Assert.Equal(BatchOutcome.Removed.Each(5), (await subject.Cache.RemoveManyAsync(keys)).Outcomes);
        Assert.All(keys, key => Assert.False(subject.Redis.KeyExists(BatchSubject.RedisKey(key))));
    }

    [Theory, BatchSetups]
    public async Task GetManyAndRefreshMany_ForeignValues_AreMissesAndLeftAlone(EntryLayout layout, int connections)
    {
        var subject = await SubjectAsync(layout, connections);
        var (all, list, text) = await PutForeignAsync(subject);

        using var read = await subject.Cache.GetManyAsync(all);
        var refreshed = await subject.Cache.RefreshManyAsync(all);

        BatchOutcome[] misses = [BatchOutcome.Miss, BatchOutcome.Miss];
        Assert.Equal([BatchOutcome.Hit, .. misses, BatchOutcome.Hit], read.Outcomes);
        Assert.Equal([BatchOutcome.Refreshed, .. misses, BatchOutcome.Refreshed], refreshed.Outcomes);
        Assert.Equal("somebody else's", await subject.Redis.ListGetByIndexAsync(BatchSubject.RedisKey(list), 0));
        Assert.Equal("somebody else's", await subject.Redis.StringGetAsync(BatchSubject.RedisKey(text)));
        Assert.Null(await subject.TimeToLiveAsync(list));
        Assert.Null(await subject.TimeToLiveAsync(text));
        await subject.Cache.RemoveManyAsync(all);
    }

    [Theory, BatchSetups]
    public async Task SetMany_ForeignValues_AreReplaced(EntryLayout layout, int connections)
    {
        var subject = await SubjectAsync(layout, connections);
        var (all, list, _) = await PutForeignAsync(subject);

        var stored = await subject.Cache.SetManyAsync(BatchData.Entries(all));

        Assert.Equal(BatchOutcome.Stored.Each(4), stored.Outcomes);
        Assert.Equal(all.Select((_, i) => BatchData.Value(i, 10)), (await subject.Cache.GetManyArraysAsync(all)).Values);
        await AssertTimeToLiveAsync(subject, list, 10 * Minute);
    }

    [Theory, BatchSetups]
    public async Task RemoveMany_ForeignValues_AreGone(EntryLayout layout, int connections)
    {
        var subject = await SubjectAsync(layout, connections);
        var (all, _, _) = await PutForeignAsync(subject);

        Assert.Equal(BatchOutcome.Removed.Each(4), (await subject.Cache.RemoveManyAsync(all)).Outcomes);
        Assert.All(all, key => Assert.False(subject.Redis.KeyExists(BatchSubject.RedisKey(key))));
    }

    [Theory, BatchSetups]
    public async Task GetManyArrays_SameKeys_ReturnsWhatPooledMemoryHas(EntryLayout layout, int connections)
    {
        var cache = (await SubjectAsync(layout, connections)).Cache;
        var keys = BatchData.Keys(150);
        await cache.SetManyAsync(keys.Where((_, i) => i % 4 != 0).Select((key, i) => BatchData.Entry(key, BatchData.MixedValue(i))));

        using var pooled = await cache.GetManyAsync(keys);
        var arrays = await cache.GetManyArraysAsync(keys);

        Assert.Equal(pooled.Outcomes, arrays.Outcomes);
        Assert.Equal(pooled.ToArrays(), arrays.Values);
    }

    [Theory, BatchSetups]
    public async Task GetMany_UntilDisposed_ValuesAreNobodyElses(EntryLayout layout, int connections)
    {
        var cache = (await SubjectAsync(layout, connections)).Cache;
        var keys = BatchData.Keys(300);
        var others = BatchData.Keys(300);
        await cache.SetManyAsync(BatchData.Entries(keys, size: 1024));
        await cache.SetManyAsync(BatchData.Entries(others, size: 1024, generation: 1));

        using var kept = await cache.GetManyAsync(keys);
        for (var i = 0; i < 5; i++)
        {
            (await cache.GetManyAsync(others)).Dispose();
        }

        Assert.Equal(keys.Select((_, i) => BatchData.Value(i, 1024)), kept.ToArrays());
    }

    [Theory, BatchSetups]
    public async Task GetManyAsync_Sequence_HandsOutEveryChunk(EntryLayout layout, int connections)
    {
        var cache = (await SubjectAsync(layout, connections)).Cache;
        var keys = BatchData.Keys(300);
        await cache.SetManyAsync(BatchData.Entries(keys).ToAsyncEnumerable());

        var read = new List<byte[]?>();
        await foreach (var chunk in cache.GetManyAsync(keys.ToAsyncEnumerable()))
        {
            using (chunk)
            {
                read.AddRange(chunk.ToArrays());
            }
        }

        Assert.Equal(keys.Select((_, i) => BatchData.Value(i, 10)), read);
    }

    [Theory, BatchSetups]
    public async Task SetMany_WrongEntriesAmongOthers_FailAlone(EntryLayout layout, int connections)
    {
        var cache = (await SubjectAsync(layout, connections)).Cache;
        var keys = BatchData.Keys(5);

        var result = await cache.SetManyAsync(
        [
            BatchData.Entry(keys[0], [0]),
            BatchData.Entry(null!, [1]),
            new BatchEntry(keys[2], new byte[] { 2 }, null!),
            BatchData.Entry(keys[3], [3], new() { AbsoluteExpiration = TimeProvider.System.GetUtcNow() - Minute }),
            BatchData.Entry(keys[4], [4]),
        ]);

        Assert.Equal([BatchOutcome.Stored, .. BatchOutcome.Failed.Each(3), BatchOutcome.Stored], result.Outcomes);
        Assert.Equal([(1, null, "key"), (2, keys[2], "options"), (3, keys[3], "AbsoluteExpiration")], result.Errors.Select(static error =>
            (error.Index, error.Key, Assert.IsAssignableFrom<ArgumentException>(error.Exception).ParamName)));
        Assert.Equal([[0], null, null, [4]], (await cache.GetManyArraysAsync([keys[0], keys[2], keys[3], keys[4]])).Values);
    }

    [Theory, BatchSetups]
    public async Task SetMany_Typed_IsReadAsTheSameType(EntryLayout layout, int connections)
    {
        var cache = (await SubjectAsync(layout, connections)).Cache;
        var keys = BatchData.Keys(200);
        var patients = keys.Select((_, i) => new Patient($"Grüße {i}", i, [i, i + 1])).ToArray();

        var stored = await cache.SetManyAsync(keys.Select((key, i) => new BatchEntry<Patient>(key, patients[i], BatchData.ForAWhile)));
        var read = await cache.GetManyAsync<Patient>(keys);

        Assert.Equal(BatchOutcome.Stored.Each(200), stored.Outcomes);
        Assert.Equivalent(patients, read.Values, strict: true);
    }

    private async Task<BatchSubject> SubjectAsync(EntryLayout layout, int connections) => await subjects.GetAsync(await GetServerAsync(), layout, connections);

    private static async Task AssertExtendsOnlySlidingAsync(BatchSubject subject, Func<string[], Task> operation)
    {
        var sliding = BatchData.Keys(10);
        var absolute = BatchData.Keys(10);
        var capped = BatchData.Keys(1);
        string[] all = [.. sliding.Zip(absolute, static (one, other) => new[] { one, other }).SelectMany(static pair => pair), .. capped];
        await subject.Cache.SetManyAsync(
        [
            .. sliding.Select(static key => BatchData.Entry(key, [1], Sliding)),
            .. absolute.Select(static key => BatchData.Entry(key, [2], new() { AbsoluteExpirationRelativeToNow = 10 * Minute })),
            BatchData.Entry(capped[0], [3], new() { SlidingExpiration = 10 * Minute, AbsoluteExpirationRelativeToNow = 3 * Minute }),
        ]);
        await subject.ShortenAsync(all);

        await operation(all);

        await AssertTimeToLiveAsync(subject, capped[0], 3 * Minute);
        foreach (var key in sliding)
        {
            await AssertTimeToLiveAsync(subject, key, 10 * Minute);
        }

        // Asked last: an extension that nobody waits for would have arrived with the others.
        Assert.All(absolute, key => Assert.InRange(subject.Redis.KeyTimeToLive(BatchSubject.RedisKey(key))!.Value, TimeSpan.Zero, Minute));
    }

    private static async Task<string[]> WriteByAsync(BatchSubject subject, Writer writer, int count)
    {
        IDistributedCache cache = writer == Writer.Microsoft ? subject.Microsoft : subject.OtherLayout;
        var keys = BatchData.Keys(count);
        for (var i = 0; i < count; i++)
        {
            await cache.SetAsync(keys[i], BatchData.Value(i, 100), Sliding);
        }

        return keys;
    }

    private static async Task<(string[] All, string List, string Text)> PutForeignAsync(BatchSubject subject)
    {
        var keys = BatchData.Keys(4);
        await subject.Cache.SetManyAsync(BatchData.Entries([keys[0], keys[3]]));
        await subject.Redis.ListRightPushAsync(BatchSubject.RedisKey(keys[1]), "somebody else's");
        await subject.Redis.StringSetAsync(BatchSubject.RedisKey(keys[2]), "somebody else's");
        return (keys, keys[1], keys[2]);
    }

    /// <summary>Polls, because an extension is sent without being waited for.</summary>
    private static Task AssertTimeToLiveAsync(BatchSubject subject, string key, TimeSpan expected) =>
        Poll.UntilAsync($"the TTL is about {expected}", TimeSpan.FromSeconds(10), async () =>
            await subject.TimeToLiveAsync(key) is { } actual && actual <= expected && actual > expected - Tolerance);
}
