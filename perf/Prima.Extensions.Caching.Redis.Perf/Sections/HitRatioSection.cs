using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Prima.Extensions.Caching.Redis.Perf.Fleet;
using Prima.Extensions.Caching.Redis.Perf.Results;
using Prima.Extensions.Caching.Redis.Perf.Servers;
using Prima.Extensions.Caching.Redis.Perf.Workloads;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.Perf.Sections;

/// <summary>
/// How much of <see cref="ScannedZipf"/> an L1 answers that has room for a tenth of the keys, against a <see cref="MemoryCache"/> with that size limit,
/// and against what nobody can have: the keys that will be asked for most, known beforehand.
/// </summary>
internal sealed class HitRatioSection(string name) : Section(name)
{
    private const int Reads = 2_000_000;
    private const int FewReads = 360_000;

    private static readonly HybridCacheEntryOptions OnlyLocal = new() { Flags = HybridCacheEntryFlags.DisableDistributedCache, LocalCacheExpiration = TimeSpan.FromHours(1) };
    private static readonly object Value = new();

    private static readonly Dictionary<string, Func<int, IEnumerable<string>>> Mixes = new()
    {
        ["scans in a row"] = ScannedZipf.InARow,
        ["scans scattered"] = ScannedZipf.Scattered,
    };

    public override IReadOnlyList<string> Cases => [.. Mixes.Keys];

    public override async Task TryOutAsync(string name)
    {
        // A count, not a time: the same machine or another, it is better.
        var keys = Mixes[name](FewReads).ToList();
        var (ours, memory, most) = (await OursAsync(keys), Memory(keys), MostAskedFor(keys));
        Assert.True(ours > memory && ours < most, $"{ours} % against {memory} %, and {most} % at most");
    }

    public override async Task<SectionResult> MeasureAsync()
    {
        var result = new SectionResult { Environment = await RunEnvironment.OfAsync(await PerfServer.ConfigurationAsync()) };
        foreach (var (name, mix) in Mixes)
        {
            var keys = mix(Reads).ToList();
            result.Figures[$"Hits in a hundred reads, Zipf 0.9, {name}, room for a tenth"] = new()
            {
                [FleetCache.Prima] = await OursAsync(keys),
                ["MemoryCache"] = Memory(keys),
                ["known beforehand"] = MostAskedFor(keys),
            };
        }

        return result;
    }

    private static async Task<double> OursAsync(List<string> keys)
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
        foreach (var key in keys)
        {
            await cache.GetOrCreateAsync(key, _ =>
            {
                misses++;
                return new ValueTask<int>(1);
            }, OnlyLocal);
        }

        return Share(keys.Count - misses, keys);
    }

    private static double Memory(List<string> keys)
    {
        using var cache = new MemoryCache(new MemoryCacheOptions { SizeLimit = ScannedZipf.Room });
        var misses = 0;
        foreach (var key in keys)
        {
            if (!cache.TryGetValue(key, out _))
            {
                misses++;
                cache.Set(key, Value, new MemoryCacheEntryOptions { Size = 1 });
            }
        }

        return Share(keys.Count - misses, keys);
    }

    // Each of them is a miss once.
    private static double MostAskedFor(List<string> keys) =>
        Share(keys.CountBy(static key => key).Select(static count => count.Value - 1).OrderDescending().Take(ScannedZipf.Room).Sum(), keys);

    private static double Share(int hits, List<string> keys) => Math.Round(100.0 * hits / keys.Count, 1);
}
