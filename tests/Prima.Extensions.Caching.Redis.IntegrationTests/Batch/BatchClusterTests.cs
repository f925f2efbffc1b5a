using System.Diagnostics;
using System.Net;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Topologies;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>Batches while a slot is on its way, and while a primary dies.</summary>
public sealed class BatchClusterTests(OwnCluster ownCluster) : IClassFixture<OwnCluster>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(40);

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task AnyBatch_SlotHalfMoved_EveryEntryIsServed(EntryLayout layout)
    {
        var cluster = await ownCluster.GetAsync();
        await using var cache = Create(cluster, layout);
        var keys = HashtaggedKeys(100);
        await cache.SetManyAsync(BatchData.Entries(keys));
        var migration = await BeginMigrationAsync(cluster, keys[0]);
        await migration.MoveKeysAsync([.. keys.Where((_, i) => i % 2 == 0)]);

        var read = await cache.GetManyArraysAsync(keys);
        var refreshed = await cache.RefreshManyAsync(keys);
        var stored = await cache.SetManyAsync(BatchData.Entries(keys, generation: 1));
        var readAgain = await cache.GetManyArraysAsync(keys);
        var removed = await cache.RemoveManyAsync(keys);
        var readAfterwards = await cache.GetManyArraysAsync(keys);
        await migration.MoveKeysAsync();
        await migration.CompleteAsync();

        AssertNoErrors(read, refreshed, stored, readAgain, removed, readAfterwards);
        Assert.Equal(keys.Select(static (_, i) => BatchData.Value(i, 10)), read.Values);
        Assert.Equal(BatchOutcome.Refreshed.Each(100), refreshed.Outcomes);
        Assert.Equal(BatchOutcome.Stored.Each(100), stored.Outcomes);
        Assert.Equal(keys.Select(static (_, i) => BatchData.Value(1_000_000 + i, 10)), readAgain.Values);
        Assert.Equal(BatchOutcome.Removed.Each(100), removed.Outcomes);
        Assert.Equal(BatchOutcome.Miss.Each(100), readAfterwards.Outcomes);
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task AnyBatch_SlotHasMoved_EveryEntryIsServed(EntryLayout layout)
    {
        var cluster = await ownCluster.GetAsync();
        await using var cache = Create(cluster, layout);
        var keys = HashtaggedKeys(100);
        await cache.SetManyAsync(BatchData.Entries(keys));
        await MoveSlotAsync(cluster, keys);

        var read = await cache.GetManyArraysAsync(keys);

        AssertNoErrors(read);
        Assert.Equal(keys.Select(static (_, i) => BatchData.Value(i, 10)), read.Values);
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task SingleEntry_SlotOnItsWay_IsServed(EntryLayout layout)
    {
        var cluster = await ownCluster.GetAsync();
        await using var cache = Create(cluster, layout);
        var key = BatchData.NewKey();
        await cache.SetAsync(key, [1], BatchData.ForAWhile);
        var migration = await BeginMigrationAsync(cluster, key);
        await migration.MoveKeysAsync();

        var moving = await Record.ExceptionAsync(() => cache.SetAsync(key, [2], BatchData.ForAWhile));
        await migration.CompleteAsync();
        var moved = await Record.ExceptionAsync(() => cache.SetAsync(key, [3], BatchData.ForAWhile));

        Assert.Null(moving);
        Assert.Null(moved);
        Assert.Equal([3], await cache.GetAsync(key));
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task SetMany_SlotMovesMeanwhile_WhatWasStoredIsReadBack(EntryLayout layout)
    {
        var cluster = await ownCluster.GetAsync();
        await using var cache = Create(cluster, layout);
        string[] keys = [.. HashtaggedKeys(150), .. BatchData.Keys(50)];
        var expected = new byte[keys.Length][];
        await StoreAsync(cache, keys, generation: 0, expected);
        var moving = MoveSlotAsync(cluster, keys);

        // At least one while it moves, at least one when it has.
        var generation = 1;
        for (var moved = false; !moved; generation++)
        {
            moved = moving.IsCompleted;
            await StoreAsync(cache, keys, generation, expected);
            var read = await cache.GetManyArraysAsync(keys);
            Assert.All(keys.Select((_, i) => i), i => Assert.True(read[i] == BatchOutcome.Failed || read.Values[i].AsSpan().SequenceEqual(expected[i]), $"{keys[i]} is {read[i]}, or another value."));
        }

        await moving;
        Assert.True(generation > 2, "The slot had moved before the first batch was sent.");
        var readBack = await cache.GetManyArraysAsync(keys);
        AssertNoErrors(readBack);
        Assert.Equal(expected, readBack.Values);
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task SetMany_FailoverMeanwhile_WhatWasStoredIsReadBack(EntryLayout layout)
    {
        var cluster = await ownCluster.GetAsync();
        await cluster.WaitUntilHealthyAsync();
        await using var cache = Create(cluster, layout);
        var keys = BatchData.Keys(200);
        var expected = new byte[keys.Length][];
        Assert.Empty(await StoreAsync(cache, keys, generation: 0, expected));
        var failover = cluster.FailoverAsync(keys[0]);

        // While it is under way, and at least once when it is over.
        var generation = 1;
        try
        {
            for (var isOver = false; !isOver; generation++)
            {
                isOver = failover.IsCompleted;
                await StoreAsync(cache, keys, generation, expected);
            }
        }
        finally
        {
            await failover;
        }

        await cluster.WaitUntilHealthyAsync();
        Assert.True(generation > 2, "The failover was over before the first batch was sent.");
        await using var reader = Create(cluster, layout);
        var readBack = await reader.GetManyArraysAsync(keys);
        AssertNoErrors(readBack);
        Assert.Equal(expected, readBack.Values);
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task AnyBatch_PrimaryKilledMeanwhile_OnlyItsEntriesFail(EntryLayout layout)
    {
        var cluster = await ownCluster.GetAsync();
        await cluster.WaitUntilHealthyAsync();
        await using var cache = Create(cluster, layout, FailureMode.Degrade);
        var keys = BatchData.Keys(300);
        var expected = new byte[keys.Length][];
        Assert.Empty(await StoreAsync(cache, keys, generation: 0, expected));

        // From here on the replicas have all of it.
        await cluster.WaitUntilHealthyAsync();
        var owners = await OwnersAsync(cluster, keys);
        var killed = await cluster.KillPrimaryOfAsync(keys[0]);
        int[] ofKilled = [.. owners.Select(static (owner, i) => (owner, i)).Where(entry => entry.owner.Port == killed.Port).Select(static entry => entry.i)];

        // A batch that meets the dead node, and more until its successor has taken over.
        var start = Stopwatch.GetTimestamp();
        var generation = 1;
        for (var unserved = await StoreAsync(cache, keys, generation++, expected); ; unserved = await StoreAsync(cache, keys, generation++, expected))
        {
            Assert.Subset(ofKilled.ToHashSet(), unserved);
            if (generation == 2)
            {
                Assert.NotEmpty(unserved);
            }

            if (unserved.Count == 0)
            {
                break;
            }

            Assert.True(Stopwatch.GetElapsedTime(start) < Deadline, "The cluster never recovered.");
        }

        await killed.RestartAsync();
        await cluster.WaitUntilHealthyAsync();
        var readBack = await cache.GetManyArraysAsync(keys);
        Assert.Equal(BatchOutcome.Hit.Each(keys.Length), readBack.Outcomes);
        Assert.Equal(expected, readBack.Values);
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task GetMany_PrimaryKilled_OnlyItsEntriesFailAndNothingIsLost(EntryLayout layout)
    {
        var cluster = await ownCluster.GetAsync();
        await cluster.WaitUntilHealthyAsync();
        await using var cache = Create(cluster, layout, FailureMode.Degrade);
        var keys = BatchData.Keys(300);
        var expected = new byte[keys.Length][];
        Assert.Empty(await StoreAsync(cache, keys, generation: 0, expected));
        await cluster.WaitUntilHealthyAsync();
        var owners = await OwnersAsync(cluster, keys);
        var killed = await cluster.KillPrimaryOfAsync(keys[0]);

        var read = await cache.GetManyArraysAsync(keys);
        await Poll.UntilAsync("all is read again", Deadline, async () => (await cache.GetManyArraysAsync(keys)).Succeeded);
        var readAgain = await cache.GetManyArraysAsync(keys);
        await killed.RestartAsync();
        await cluster.WaitUntilHealthyAsync();

        Assert.Equal(keys.Where((_, i) => owners[i].Port != killed.Port), keys.Where((_, i) => read[i] == BatchOutcome.Hit));
        Assert.DoesNotContain(BatchOutcome.Miss, read.Outcomes);
        Assert.Equal(expected, readAgain.Values);
    }

    private static string[] HashtaggedKeys(int count) => BatchData.Keys(count, $"{{{BatchData.NewKey()}}}");

    private static void AssertNoErrors(params BatchResult[] results) =>
        Assert.Empty(string.Join('\n', results.SelectMany(static (result, batch) => result.Errors.Select(error => $"Batch {batch}, entry {error.Index}: {error.Exception.Message}"))));

    private static PrimaRedisCache Create(RedisCluster cluster, EntryLayout layout, FailureMode mode = FailureMode.Throw) => new(new PrimaRedisCacheOptions
    {
        Configuration = cluster.Configuration,
        Layout = layout,
        FailureMode = mode,
        CommandTimeout = TimeSpan.FromSeconds(2),
    });

    /// <summary>Sets all, and notes what must be there from now on. Returns which were not stored.</summary>
    private static async Task<HashSet<int>> StoreAsync(PrimaRedisCache cache, string[] keys, int generation, byte[][] expected)
    {
        var entries = BatchData.Entries(keys, generation: generation);
        var result = await cache.SetManyAsync(entries);
        var unserved = new HashSet<int>();
        for (var i = 0; i < keys.Length; i++)
        {
            if (result[i] == BatchOutcome.Stored)
            {
                expected[i] = BatchData.Value(i + (generation * 1_000_000), 10);
            }
            else
            {
                unserved.Add(i);
            }
        }

        return unserved;
    }

    private static async Task<SlotMigration> BeginMigrationAsync(RedisCluster cluster, string key)
    {
        var owner = await cluster.PrimaryOfAsync(key);
        return await cluster.BeginMigrationAsync(await cluster.SlotOfAsync(key), (await cluster.PrimariesAsync()).First(node => node != owner));
    }

    private static async Task MoveSlotAsync(RedisCluster cluster, string[] keys)
    {
        var migration = await BeginMigrationAsync(cluster, keys[0]);
        foreach (var some in keys.Where(key => key.StartsWith('{')).Chunk(5))
        {
            await migration.MoveKeysAsync(some);
        }

        await migration.MoveKeysAsync();
        await migration.CompleteAsync();
    }

    private static async Task<IPEndPoint[]> OwnersAsync(RedisCluster cluster, string[] keys)
    {
        await using var client = await ConnectionMultiplexer.ConnectAsync($"{cluster.Configuration},allowAdmin=true");
        var nodes = await client.GetServer((await cluster.PrimariesAsync())[0].EndPoint).ClusterNodesAsync();
        return [.. keys.Select(key => (IPEndPoint)nodes!.GetBySlot(key)!.EndPoint!)];
    }
}
