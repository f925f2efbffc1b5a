using Prima.Extensions.Caching.Redis.Perf.Fleet;
using Prima.Extensions.Caching.Redis.Perf.Results;
using Prima.Extensions.Caching.Redis.Perf.Servers;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.Perf.Sections;

/// <summary>How old is what is read, while a program that knows none of the caches writes 2,000 times a second to 10,000 keys. Four nodes: service providers in one process.</summary>
internal sealed class StalenessSection(string name) : Section(name)
{
    private const int Nodes = 4;

    private static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Full = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private static readonly FleetCache[] Caches = [FleetCache.Plain, FleetCache.MicrosoftHybrid, FleetCache.Fusion, FleetCache.PrimaHybrid];

    public override IReadOnlyList<string> Cases => [.. Caches.Select(static cache => cache.Name)];

    public override async Task TryOutAsync(string name)
    {
        var cache = Caches.Single(candidate => candidate.Name == name);
        var server = await PerfServer.ConfigurationAsync();
        await using var writer = await ForeignWriter.CreateAsync(server, cache);
        var nodes = await cache.OpenManyAsync(server, Nodes);
        try
        {
            var run = await StalenessRun.RunAsync(nodes, writer, Brief);
            Assert.True(run.PerSecond > 0);
            if (cache == FleetCache.Plain)
            {
                Assert.Equal(0, run.StaleShare);
            }

            if (cache == FleetCache.PrimaHybrid)
            {
                await Task.WhenAll(nodes.Select(node => AssertNewestAsync(node, writer)));
            }
        }
        finally
        {
            await CloseAsync(nodes);
        }
    }

    public override async Task<SectionResult> MeasureAsync()
    {
        var server = await PerfServer.ConfigurationAsync();
        var result = new SectionResult { Environment = await RunEnvironment.OfAsync(server) };
        foreach (var cache in Caches)
        {
            await using var writer = await ForeignWriter.CreateAsync(server, cache);
            var nodes = await cache.OpenManyAsync(server, Nodes);
            var run = await StalenessRun.RunAsync(nodes, writer, Full);
            await CloseAsync(nodes);
            Add(result, "reads a second", cache, run.PerSecond);
            Add(result, "stale reads in a million", cache, run.StaleShare * 1_000_000);
            Add(result, "age of stale reads, median, in ms", cache, run.Median);
            Add(result, "age of stale reads, greatest, in ms", cache, run.Longest);
        }

        return result;
    }

    private static void Add(SectionResult result, string figure, FleetCache cache, double value)
    {
        if (!result.Figures.TryGetValue(figure, out var values))
        {
            result.Figures[figure] = values = [];
        }

        values[cache.Name] = Math.Round(value, 4);
    }

    // Nothing old stays: what a node shows when all is written is what is there.
    private static Task AssertNewestAsync(FleetNode node, ForeignWriter writer) => Poll.UntilAsync("all entries are the newest", Deadline, async () =>
    {
        for (var key = 0; key < ForeignWriter.KeyCount; key++)
        {
            if (ForeignWriter.VersionOf(await node.GetOrCreateAsync(ForeignWriter.KeyOf(key), static () => throw new InvalidOperationException("The entry is in Redis."))) != writer.Newest(key))
            {
                return false;
            }
        }

        return true;
    });

    private static async Task CloseAsync(FleetNode[] nodes)
    {
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }
}
