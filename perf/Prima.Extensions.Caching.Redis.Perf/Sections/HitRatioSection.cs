using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Prima.Extensions.Caching.Redis.Perf.Fleet;
using Prima.Extensions.Caching.Redis.Perf.Results;
using Prima.Extensions.Caching.Redis.Perf.Servers;
using Prima.Extensions.Caching.Redis.Perf.Workloads;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.Perf.Sections;

/// <summary>How much of <see cref="ScannedZipf"/> an L1 answers that has room for a tenth of the keys, against a <see cref="MemoryCache"/> with that size limit.</summary>
internal sealed class HitRatioSection(string name) : Section(name)
{
    private const int Reads = 2_000_000;
    private const int FewReads = 360_000;

    private static readonly HybridCacheEntryOptions OnlyLocal = new() { Flags = HybridCacheEntryFlags.DisableDistributedCache, LocalCacheExpiration = TimeSpan.FromHours(1) };
    private static readonly object Value = new();

    public override IReadOnlyList<string> Cases => [Name];

    public override async Task TryOutAsync(string name)
    {
        // A count, not a time: the same machine or another, it is better.
        var (ours, memory) = (await OursAsync(FewReads), Memory(FewReads));
        Assert.True(ours > memory, $"{ours:0.000} against {memory:0.000}");
    }

    public override async Task<SectionResult> MeasureAsync() => new()
    {
        Environment = await RunEnvironment.OfAsync(await PerfServer.ConfigurationAsync()),
        Figures = { ["share of hits, Zipf 0.9 with scans, room for a tenth"] = new() { [FleetCache.Prima] = await OursAsync(Reads), ["MemoryCache"] = Memory(Reads) } },
    };

    private static async Task<double> OursAsync(int reads)
    {
        var server = await PerfServer.ConfigurationAsync();
        var services = new ServiceCollection();
        services.AddPrimaRedisCache(options => (options.Configuration, options.InstanceName) = (server, "hit-ratio:"))
            .AddPrimaHybridCache(static options => options.MaximumLocalEntries = ScannedZipf.Room);
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<PrimaHybridCache>();
        await Poll.UntilAsync("told of invalidations", TimeSpan.FromSeconds(20), async () =>
        {
            await cache.SetAsync("ready", 1, OnlyLocal);
            return (await cache.TryGetAsync<int>("ready", OnlyLocal)).Found;
        });
        var misses = 0;
        foreach (var key in ScannedZipf.Keys(reads))
        {
            await cache.GetOrCreateAsync(key, _ =>
            {
                misses++;
                return new ValueTask<int>(1);
            }, OnlyLocal);
        }

        return Math.Round(1 - ((double)misses / reads), 4);
    }

    private static double Memory(int reads)
    {
        using var cache = new MemoryCache(new MemoryCacheOptions { SizeLimit = ScannedZipf.Room });
        var misses = 0;
        foreach (var key in ScannedZipf.Keys(reads))
        {
            if (!cache.TryGetValue(key, out _))
            {
                misses++;
                cache.Set(key, Value, new MemoryCacheEntryOptions { Size = 1 });
            }
        }

        return Math.Round(1 - ((double)misses / reads), 4);
    }
}
