using Prima.Extensions.Caching.Redis.Perf.Measuring;
using Prima.Extensions.Caching.Redis.Perf.Results;
using Prima.Extensions.Caching.Redis.Perf.Rivals;
using Prima.Extensions.Caching.Redis.Perf.Servers;
using Prima.Extensions.Caching.Redis.Perf.Workloads;

namespace Prima.Extensions.Caching.Redis.Perf.Sections;

/// <summary>The mixed workload as applications have it, those with a first level using it: throughput, hit ratio, and latency when calls come at fixed times.</summary>
internal sealed class MixedSection(string name, Pace pace) : Section(name)
{
    public const string HitRatios = "hit ratio";

    private const int LatencyRounds = 5;

    private static readonly OpenLoop Arrivals = new(5000, TimeSpan.FromSeconds(1));

    private readonly MixedWorkload _workload = new();

    public override IReadOnlyList<string> Cases => [_workload.Name];

    public static string LatencyName { get; } = $"mixed, {Values.SizeName(Values.Kibibyte)}, {Arrivals.PerSecond:N0} calls a second";

    public override async Task TryOutAsync(string name)
    {
        await using var rivals = await RivalSet.CreateAsync(await PerfServer.ConfigurationAsync(), isLocal: true);
        foreach (var contender in await _workload.PrepareAsync(rivals))
        {
            await contender.CheckAsync();
        }

        var brief = new OpenLoop(1000, TimeSpan.FromMilliseconds(20));
        foreach (var rival in rivals.All)
        {
            Assert.Equal(20, (await brief.RunAsync(number => _workload.CallAsync(rival, number).AsTask())).Length);
        }
    }

    public override async Task<SectionResult> MeasureAsync()
    {
        var server = await PerfServer.ConfigurationAsync();
        await using var processor = await ServerProcessor.ConnectAsync(server);
        await using var rivals = await RivalSet.CreateAsync(server, isLocal: true);
        var result = new SectionResult { Environment = await RunEnvironment.OfAsync(server) };
        result.Comparisons[_workload.Name] = await new Interleaver(pace, processor).RunAsync(await _workload.PrepareAsync(rivals));
        result.Figures[HitRatios] = rivals.All.ToDictionary(static rival => rival.Name, rival => Math.Round(_workload.HitRatio(rival.Name), 3));
        var latencies = result.Latencies[LatencyName] = rivals.All.ToDictionary(static rival => rival.Name, static _ => new List<Latency>());
        for (var round = 0; round < LatencyRounds; round++)
        {
            for (var i = 0; i < rivals.All.Count; i++)
            {
                var rival = rivals.All[(round + i) % rivals.All.Count];
                GC.Collect();
                latencies[rival.Name].Add(Latency.Of(await Arrivals.RunAsync(number => _workload.CallAsync(rival, number).AsTask())));
            }
        }

        return result;
    }
}
