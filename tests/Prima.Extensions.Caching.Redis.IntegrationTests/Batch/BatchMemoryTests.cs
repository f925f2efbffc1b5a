using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>Any number of entries streams through in the memory of a few chunks.</summary>
/// <remarks>Alone, because what other tests hold at the time counts too.</remarks>
[Collection(nameof(BatchMemoryTests))]
[CollectionDefinition(nameof(BatchMemoryTests), DisableParallelization = true)]
public sealed class BatchMemoryTests
{
    private const int Count = 1_000_000;
    private const int Keys = 10_000;

    // Everything at once would be more than 1 GB; the outcomes alone, a byte for each entry, are 1 MB.
    private const long Allowed = 40L << 20;

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task SetMany_EndlessSequence_HoldsAFewChunks(EntryLayout layout)
    {
        await using var cache = await CreateAsync(layout);
        await cache.SetManyAsync(BatchData.Entries(BatchData.Keys(1000)));
        var heap = new List<long> { Heap() };

        var result = await cache.SetManyAsync(EntriesAsync(heap));
        heap.Add(Heap());

        Assert.Equal(Count, result.Count);
        Assert.True(result.Succeeded);
        Assert.InRange(heap.Max() - heap[0], long.MinValue, Allowed);
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task GetMany_EndlessSequence_HoldsAFewChunks(EntryLayout layout)
    {
        await using var cache = await CreateAsync(layout);
        await cache.SetManyAsync(EntriesAsync([]).Take(Keys));
        var heap = new List<long> { Heap() };
        var hits = 0;

        await foreach (var chunk in cache.GetManyAsync(EntriesAsync(heap).Select(static entry => entry.Key)))
        {
            using (chunk)
            {
                hits += chunk.Outcomes.Count(static outcome => outcome == BatchOutcome.Hit);
            }
        }

        heap.Add(Heap());
        Assert.Equal(Count, hits);
        Assert.InRange(heap.Max() - heap[0], long.MinValue, Allowed);
    }

    private static async IAsyncEnumerable<BatchEntry> EntriesAsync(List<long> heap)
    {
        for (var i = 0; i < Count; i++)
        {
            if (i % (Count / 4) == Count / 8)
            {
                await Task.Yield();
                heap.Add(Heap());
            }

            // A value of its own each, so that an entry that is held costs what a real one does.
            yield return BatchData.Entry($"memory-{i % Keys}", new byte[1024]);
        }
    }

    private static long Heap() => GC.GetTotalMemory(forceFullCollection: true);

    private static async Task<PrimaRedisCache> CreateAsync(EntryLayout layout) => new(new PrimaRedisCacheOptions
    {
        Configuration = (await SharedServers.GetProcessAsync()).Configuration,
        InstanceName = $"batch-{layout}:",
        Layout = layout,
        FailureMode = FailureMode.Throw,
    });
}
