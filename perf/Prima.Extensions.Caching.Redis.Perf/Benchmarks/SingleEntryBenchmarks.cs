using System.Buffers;
using BenchmarkDotNet.Attributes;
using Prima.Extensions.Caching.Redis.Perf.Rivals;
using Prima.Extensions.Caching.Redis.Perf.Servers;
using Prima.Extensions.Caching.Redis.Perf.Workloads;

namespace Prima.Extensions.Caching.Redis.Perf.Benchmarks;

/// <summary>One caller, one entry: time and bytes of a round trip, with Microsoft's provider as the baseline of each category.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkDotNet.Configs.BenchmarkLogicalGroupRule.ByCategory, BenchmarkDotNet.Configs.BenchmarkLogicalGroupRule.ByParams)]
[CategoriesColumn]
public class SingleEntryBenchmarks
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256 * Values.Kibibyte);
    private byte[] _value = [];
    private RivalSet _rivals = null!;

    [Params(Values.Small, Values.Kibibyte, Values.Large)]
    public int Size { get; set; }

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _value = Values.Random(Size);
        _rivals = await RivalSet.CreateAsync(await PerfServer.ConfigurationAsync());
        foreach (var rival in new Rival[] { _rivals.Hash, _rivals.String, _rivals.Microsoft, _rivals.Raw })
        {
            await rival.SetAsync("key", _value, Expiry.Absolute);
        }
    }

    [GlobalCleanup]
    public async Task CleanupAsync() => await _rivals.DisposeAsync();

    [Benchmark(Baseline = true), BenchmarkCategory("get into a buffer")]
    public ValueTask<int> TryGetMicrosoft() => TryGetAsync(_rivals.Microsoft);

    [Benchmark, BenchmarkCategory("get into a buffer")]
    public ValueTask<int> TryGetHash() => TryGetAsync(_rivals.Hash);

    [Benchmark, BenchmarkCategory("get into a buffer")]
    public ValueTask<int> TryGetString() => TryGetAsync(_rivals.String);

    [Benchmark, BenchmarkCategory("get into a buffer")]
    public ValueTask<int> TryGetRaw() => TryGetAsync(_rivals.Raw);

    [Benchmark(Baseline = true), BenchmarkCategory("set")]
    public ValueTask SetMicrosoft() => _rivals.Microsoft.SetAsync("key", _value, Expiry.Absolute);

    [Benchmark, BenchmarkCategory("set")]
    public ValueTask SetHash() => _rivals.Hash.SetAsync("key", _value, Expiry.Absolute);

    [Benchmark, BenchmarkCategory("set")]
    public ValueTask SetString() => _rivals.String.SetAsync("key", _value, Expiry.Absolute);

    [Benchmark, BenchmarkCategory("set")]
    public ValueTask SetRaw() => _rivals.Raw.SetAsync("key", _value, Expiry.Absolute);

    private async ValueTask<int> TryGetAsync(Rival rival)
    {
        _buffer.ResetWrittenCount();
        await rival.TryGetAsync("key", _buffer);
        return _buffer.WrittenCount == Size ? Size : throw new InvalidOperationException($"{rival} did not find the entry.");
    }
}
