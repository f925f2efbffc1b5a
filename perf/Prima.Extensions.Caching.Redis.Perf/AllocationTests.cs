using System.Buffers;
using MessagePack;
using Prima.Extensions.Caching.Redis.Perf.Rivals;
using Prima.Extensions.Caching.Redis.Perf.Servers;
using Prima.Extensions.Caching.Redis.Perf.Workloads;

namespace Prima.Extensions.Caching.Redis.Perf;

/// <summary>Bytes allocated per operation against the rivals: exact, so asserted in every run. The bounds are the issues'.</summary>
/// <remarks>What the operations may cost in themselves, and which commands they send, is asserted in the integration tests.</remarks>
public sealed class AllocationTests : IAsyncLifetime
{
    private const int Operations = 2000;
    private const int Rounds = 4;
    private const int BatchEntries = 1000;
    private const int Batches = 20;

    private readonly byte[] _value = Values.Random(Values.Kibibyte);
    private readonly ArrayBufferWriter<byte> _buffer = new(2 * Values.Kibibyte);
    private RivalSet _rivals = null!;

    public async ValueTask InitializeAsync()
    {
        _rivals = await RivalSet.CreateAsync(await PerfServer.ConfigurationAsync());
        foreach (var rival in new Rival[] { _rivals.Hash, _rivals.String, _rivals.Microsoft, _rivals.Raw })
        {
            await rival.SetAsync("key", _value, Expiry.Absolute);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_rivals is not null)
        {
            await _rivals.DisposeAsync();
        }
    }

    [Fact]
    public async Task TryGet_AgainstMicrosoft_AllocatesHalfAtMost() =>
        Assert.InRange(await TryGetBytesAsync(_rivals.Hash), 1, 0.5 * await TryGetBytesAsync(_rivals.Microsoft));

    [Fact]
    public async Task Set_AgainstMicrosoft_AllocatesTwoThirdsAtMost() =>
        Assert.InRange(await SetBytesAsync(_rivals.Hash), 1, 0.65 * await SetBytesAsync(_rivals.Microsoft));

    [Fact]
    public async Task TryGet_StringLayout_IsAHundredBytesAboveTheRawClient() =>
        Assert.InRange(await TryGetBytesAsync(_rivals.String) - await TryGetBytesAsync(_rivals.Raw), -1000, 100);

    [Fact]
    public async Task SetFromABuffer_StringLayout_IsAHundredBytesAboveTheRawClient() =>
        Assert.InRange(await SetBufferBytesAsync(_rivals.String) - await SetBufferBytesAsync(_rivals.Raw), -1000, 100);

    [Theory]
    [InlineData(RivalNames.Hash, 450, 300)]
    [InlineData(RivalNames.String, 60, 340)]
    public async Task Batch_OfAThousand_StaysWithinItsBudgetForEachEntry(string name, double get, double set)
    {
        var cache = (IBatchCache)((DistributedCacheRival)_rivals.All.Single(rival => rival.Name == name)).Cache;
        var keys = Enumerable.Range(0, BatchEntries).Select(static i => $"batch:{i}").ToArray();
        var entries = keys.Select(key => new BatchEntry(key, _value, Expiry.Absolute.Options())).ToArray();

        Assert.InRange(await BytesAsync(async () => Assert.True((await cache.SetManyAsync(entries)).Succeeded), Batches) / BatchEntries, 1, set);
        Assert.InRange(await BytesAsync(async () => (await cache.GetManyAsync(keys)).Dispose(), Batches) / BatchEntries, 1, get);
    }

    [Fact]
    public async Task LocalHit_String_AllocatesNothing() =>
        Assert.Equal(0, await LocalHitBytesAsync((await _rivals.TwoLevelAsync()).Prima, Admission.Example.Notes));

    [Fact]
    public async Task LocalHit_MutableObject_AllocatesTheObjectWithoutItsStrings()
    {
        var rivals = await _rivals.TwoLevelAsync();
        var serialized = MessagePackSerializer.Serialize(new Admission(), cancellationToken: TestContext.Current.CancellationToken);
        var withoutStrings = ThreadBytes(() => _ = MessagePackSerializer.Deserialize<Admission>(serialized));
        var ours = await LocalHitBytesAsync(rivals.Prima, Admission.Example);

        Assert.Equal(withoutStrings, ours);
        Assert.InRange(ours, 1, await LocalHitBytesAsync(rivals.Microsoft, Admission.Example) / 2);
    }

    private static async Task<long> LocalHitBytesAsync<T>(TwoLevelRival rival, T value)
    {
        await rival.SetAsync("hit", value);
        _ = await rival.GetAsync<T>("hit");
        return ThreadBytes(() => CompletesAtOnce(rival.GetAsync<T>("hit")));
    }

    /// <summary>Bytes that one call of an operation allocates on this thread; without what is compiled or made when it is first called.</summary>
    private static long ThreadBytes(Action operation)
    {
        var least = long.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Operations; i++)
            {
                operation();
            }

            least = Math.Min(least, (GC.GetAllocatedBytesForCurrentThread() - before) / Operations);
        }

        return least;
    }

    private static void CompletesAtOnce<T>(ValueTask<T> hit) => Assert.True(hit.IsCompletedSuccessfully);

    private async Task<double> TryGetBytesAsync(Rival rival) => await BytesAsync(async () =>
    {
        _buffer.ResetWrittenCount();
        await rival.TryGetAsync("key", _buffer);
    });

    private async Task<double> SetBytesAsync(Rival rival) => await BytesAsync(() => rival.SetAsync("key", _value, Expiry.Absolute));

    private async Task<double> SetBufferBytesAsync(Rival rival) => await BytesAsync(() => rival.SetAsync("key", new ReadOnlySequence<byte>(_value), Expiry.Absolute));

    /// <summary>The least of several rounds: what else allocates in the process can only add.</summary>
    private static async Task<double> BytesAsync(Func<ValueTask> operation, int operations = Operations)
    {
        var least = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < operations; i++)
            {
                await operation();
            }

            least = Math.Min(least, (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / operations);
        }

        return least;
    }
}
