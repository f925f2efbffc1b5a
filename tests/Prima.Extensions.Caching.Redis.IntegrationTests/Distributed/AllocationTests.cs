using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Distributed;

/// <summary>Bytes allocated per operation in the whole process, client library included: 1 KiB values, one caller. The bounds are the issue's.</summary>
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests : IAsyncLifetime
{
    private const int Operations = 4000;

    private static readonly DistributedCacheEntryOptions Absolute = new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(10) };
    private static readonly DistributedCacheEntryOptions Sliding = new() { SlidingExpiration = TimeSpan.FromMinutes(10) };

    private readonly byte[] _value = new byte[1024];
    private readonly ArrayBufferWriter<byte> _destination = new(2048);
    private string _configuration = null!;

    public async ValueTask InitializeAsync() => _configuration = (await SharedServers.GetProcessAsync()).Configuration;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task Operations_OneKibibyte_StayWithinTheirBudget(EntryLayout layout)
    {
        await using var prima = new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = _configuration, InstanceName = "allocation:", Layout = layout });
        IBufferDistributedCache cache = prima;
        await cache.SetAsync("absolute", _value, Absolute);
        await cache.SetAsync("sliding", _value, Sliding);

        // A hot sliding entry is extended once in a while, so it may cost no more than another.
        Assert.InRange(await MeasureAsync(() => TryGetAsync(cache, "absolute")), 1, 500);
        Assert.InRange(await MeasureAsync(() => TryGetAsync(cache, "sliding")), 1, 500);
        Assert.InRange(await MeasureAsync(() => cache.GetAsync("absolute")), 1, 1600);
        Assert.InRange(await MeasureAsync(() => cache.GetAsync("sliding")), 1, 1600);
        Assert.InRange(await MeasureAsync(() => cache.SetAsync("absolute", _value, Absolute)), 1, 700);
    }

    private static async Task<long> MeasureAsync(Func<Task> operation)
    {
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < Operations; i++)
            {
                await operation();
            }

            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / Operations);
        }

        return least;
    }

    private async Task TryGetAsync(IBufferDistributedCache cache, string key)
    {
        _destination.ResetWrittenCount();
        Assert.True(await cache.TryGetAsync(key, _destination));
    }
}
