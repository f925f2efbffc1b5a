using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>A batch that is cancelled says what was done.</summary>
public sealed class BatchCancellationTests : IAsyncLifetime
{
    private const int Chunk = 100;
    private const int CancelledAt = 250;
    private const int Done = 200;
    private const int All = 1000;

    private readonly string[] _keys = BatchData.Keys(All);
    private PrimaRedisCache _cache = null!;

    public async ValueTask InitializeAsync() => _cache = new(new PrimaRedisCacheOptions
    {
        Configuration = (await SharedServers.GetStandaloneAsync()).Configuration,
        InstanceName = "batch:",
        BatchChunkSize = Chunk,
    });

    public async ValueTask DisposeAsync()
    {
        if (_cache is not null)
        {
            await _cache.DisposeAsync();
        }
    }

    [Fact]
    public async Task AnyBatch_CancelledBefore_Throws()
    {
        var cancelled = new CancellationToken(canceled: true);

        foreach (var call in new Func<Task>[]
        {
            () => _cache.GetManyAsync(_keys, cancelled),
            () => _cache.GetManyAsync(_keys.ToAsyncEnumerable(), cancelled).ToListAsync().AsTask(),
            () => _cache.GetManyArraysAsync(_keys, cancelled),
            () => _cache.GetManyAsync<int>(_keys, cancelled),
            () => _cache.SetManyAsync(BatchData.Entries(_keys), cancelled),
            () => _cache.SetManyAsync(BatchData.Entries(_keys).ToAsyncEnumerable(), cancelled),
            () => _cache.SetManyAsync<int>([new(_keys[0], 1, BatchData.ForAWhile)], cancelled),
            () => _cache.RefreshManyAsync(_keys, cancelled),
            () => _cache.RemoveManyAsync(_keys, cancelled),
        })
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(call);
        }
    }

    [Fact]
    public async Task SetMany_CancelledBefore_StoresNothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _cache.SetManyAsync(BatchData.Entries(_keys), new CancellationToken(canceled: true)));

        Assert.Equal(BatchOutcome.Miss.Each(All), (await _cache.GetManyArraysAsync(_keys)).Outcomes);
    }

    [Fact]
    public async Task SetMany_CancelledInTheFirstChunk_Throws()
    {
        using var entries = new CancellingCollection<BatchEntry>(BatchData.Entries(_keys), cancelAt: 50);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _cache.SetManyAsync(entries, entries.Token));

        Assert.Equal(BatchOutcome.Miss.Each(All), (await _cache.GetManyArraysAsync(_keys)).Outcomes);
    }

    [Fact]
    public async Task SetMany_CancelledOnTheWay_StopsBeforeTheNextChunk()
    {
        using var entries = new CancellingCollection<BatchEntry>(BatchData.Entries(_keys), CancelledAt);

        var result = await _cache.SetManyAsync(entries, entries.Token);

        AssertDone(BatchOutcome.Stored, result, All);
        Assert.Equal([.. BatchOutcome.Hit.Each(Done), .. BatchOutcome.Miss.Each(All - Done)], (await _cache.GetManyArraysAsync(_keys)).Outcomes);
    }

    [Fact]
    public async Task SetMany_SequenceCancelledOnTheWay_CountsWhatWasTaken()
    {
        using var entries = new CancellingCollection<BatchEntry>(BatchData.Entries(_keys), CancelledAt);

        var result = await _cache.SetManyAsync(entries.AsSequence(), entries.Token);

        Assert.InRange(result.Count, CancelledAt, CancelledAt + Chunk);
        AssertDone(BatchOutcome.Stored, result, result.Count);
    }

    [Fact]
    public async Task SetMany_AsyncSequenceThatThrowsCancellation_CountsWhatWasTaken()
    {
        using var cancellation = new CancellationTokenSource();

        var result = await _cache.SetManyAsync(ProduceAsync(), cancellation.Token);

        AssertDone(BatchOutcome.Stored, result, CancelledAt);

        async IAsyncEnumerable<BatchEntry> ProduceAsync()
        {
            foreach (var entry in BatchData.Entries(_keys[..CancelledAt]))
            {
                yield return entry;
            }

            await cancellation.CancelAsync();
            cancellation.Token.ThrowIfCancellationRequested();
        }
    }

    [Fact]
    public async Task SetMany_InputThatThrows_ReachesTheCaller()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _cache.SetManyAsync(ProduceAsync()));

        Assert.Equal([.. BatchOutcome.Hit.Each(Done), .. BatchOutcome.Miss.Each(All - Done)], (await _cache.GetManyArraysAsync(_keys)).Outcomes);

        async IAsyncEnumerable<BatchEntry> ProduceAsync()
        {
            foreach (var entry in BatchData.Entries(_keys[..CancelledAt]))
            {
                yield return entry;
            }

            await Task.Yield();
            throw new InvalidOperationException("The source is broken.");
        }
    }

    [Fact]
    public async Task SetManyTyped_CancelledOnTheWay_StopsBeforeTheNextChunk()
    {
        using var entries = new CancellingCollection<BatchEntry<int>>([.. _keys.Select(static (key, i) => new BatchEntry<int>(key, i, BatchData.ForAWhile))], CancelledAt);

        AssertDone(BatchOutcome.Stored, await _cache.SetManyAsync(entries, entries.Token), All);
    }

    [Fact]
    public async Task GetMany_CancelledOnTheWay_StopsBeforeTheNextChunk()
    {
        await _cache.SetManyAsync(BatchData.Entries(_keys));
        using var keys = new CancellingCollection<string>(_keys, CancelledAt);

        using var result = await _cache.GetManyAsync(keys, keys.Token);

        AssertDone(BatchOutcome.Hit, result, All);
        Assert.Equal(_keys.Take(Done).Select(static (_, i) => BatchData.Value(i, 10)), result.ToArrays().Take(Done));
        Assert.Equal(All, result.Values.Count);
    }

    [Fact]
    public async Task GetManyArrays_CancelledOnTheWay_StopsBeforeTheNextChunk()
    {
        await _cache.SetManyAsync(BatchData.Entries(_keys));
        using var keys = new CancellingCollection<string>(_keys, CancelledAt);

        AssertDone(BatchOutcome.Hit, await _cache.GetManyArraysAsync(keys, keys.Token), All);
    }

    [Fact]
    public async Task GetManyTyped_CancelledOnTheWay_StopsBeforeTheNextChunk()
    {
        await _cache.SetManyAsync(_keys.Select(static (key, i) => new BatchEntry<int>(key, i, BatchData.ForAWhile)));
        using var keys = new CancellingCollection<string>(_keys, CancelledAt);

        AssertDone(BatchOutcome.Hit, await _cache.GetManyAsync<int>(keys, keys.Token), All);
    }

    [Fact]
    public async Task GetManySequence_CancelledOnTheWay_ThrowsAfterTheChunksBefore()
    {
        await _cache.SetManyAsync(BatchData.Entries(_keys));
        using var keys = new CancellingCollection<string>(_keys, CancelledAt);
        var read = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var chunk in _cache.GetManyAsync(keys.ToAsyncEnumerable(), keys.Token))
            {
                read += chunk.Count;
                chunk.Dispose();
            }
        });

        Assert.Equal(Done, read);
    }

    [Fact]
    public async Task RefreshMany_CancelledOnTheWay_StopsBeforeTheNextChunk()
    {
        await _cache.SetManyAsync(BatchData.Entries(_keys));
        using var keys = new CancellingCollection<string>(_keys, CancelledAt);

        AssertDone(BatchOutcome.Refreshed, await _cache.RefreshManyAsync(keys, keys.Token), All);
    }

    [Fact]
    public async Task RemoveMany_CancelledOnTheWay_StopsBeforeTheNextChunk()
    {
        await _cache.SetManyAsync(BatchData.Entries(_keys));
        using var keys = new CancellingCollection<string>(_keys, CancelledAt);

        AssertDone(BatchOutcome.Removed, await _cache.RemoveManyAsync(keys, keys.Token), All);
        Assert.Equal([.. BatchOutcome.Miss.Each(Done), .. BatchOutcome.Hit.Each(All - Done)], (await _cache.GetManyArraysAsync(_keys)).Outcomes);
    }

    private static void AssertDone(BatchOutcome served, BatchResult result, int count)
    {
        Assert.Equal([.. served.Each(Done), .. BatchOutcome.Skipped.Each(count - Done)], result.Outcomes);
        Assert.False(result.Succeeded);
        Assert.Empty(result.Errors);
    }
}
