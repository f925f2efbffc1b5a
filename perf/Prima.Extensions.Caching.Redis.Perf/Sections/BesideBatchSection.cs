using Prima.Extensions.Caching.Redis.Perf.Measuring;
using Prima.Extensions.Caching.Redis.Perf.Results;
using Prima.Extensions.Caching.Redis.Perf.Rivals;
using Prima.Extensions.Caching.Redis.Perf.Servers;
using Prima.Extensions.Caching.Redis.Perf.Workloads;

namespace Prima.Extensions.Caching.Redis.Perf.Sections;

/// <summary>The latency of single reads, alone and while a batch of 10,000 is always under way on the same cache.</summary>
internal sealed class BesideBatchSection(string name) : Section(name)
{
    private const int Entries = 10_000;
    private const int Rounds = 5;
    private const string Idle = "alone";

    private static readonly OpenLoop Arrivals = new(1000, TimeSpan.FromSeconds(1));

    private static readonly string[] Beside =
        [Idle, BesideName(BatchDirection.Get), BesideName(BatchDirection.Set)];

    public override IReadOnlyList<string> Cases => Beside;

    public static string IdleName => Idle;

    public static string BesideName(BatchDirection direction) => $"beside {direction.ToString().ToLowerInvariant()} of {Entries:N0}";

    public override async Task TryOutAsync(string name)
    {
        await using var rivals = await RivalSet.CreateAsync(await PerfServer.ConfigurationAsync());
        foreach (var contender in await BatchesAsync(rivals, name == Idle ? BatchDirection.Get : DirectionOf(name), 100))
        {
            await contender.CheckAsync();
        }
    }

    public override async Task<SectionResult> MeasureAsync()
    {
        var server = await PerfServer.ConfigurationAsync();
        await using var rivals = await RivalSet.CreateAsync(server);
        var result = new SectionResult { Environment = await RunEnvironment.OfAsync(server) };
        foreach (var name in Beside)
        {
            result.Latencies[name] = [];
        }

        foreach (var name in Beside[1..])
        {
            foreach (var batch in await BatchesAsync(rivals, DirectionOf(name), Entries))
            {
                var rival = rivals.All.First(candidate => batch.Name.StartsWith(candidate.Name, StringComparison.Ordinal));
                await MeasureAsync(result, name, batch, rival);
            }
        }

        return result;
    }

    private static async Task MeasureAsync(SectionResult result, string name, Contender batch, Rival rival)
    {
        await rival.SetAsync("single", Values.Random(Values.Kibibyte), Expiry.Absolute);
        await batch.RunAsync(TimeSpan.FromMilliseconds(500));
        var alone = ListOf(result.Latencies[Idle], batch.Name);
        var beside = ListOf(result.Latencies[name], batch.Name);
        for (var round = 0; round < Rounds; round++)
        {
            GC.Collect();
            alone.Add(await ArriveAsync(rival));
            var running = Task.Run(() => batch.RunAsync(TimeSpan.FromSeconds(1)));
            beside.Add(await ArriveAsync(rival));
            await running;
        }
    }

    private static async Task<Latency> ArriveAsync(Rival rival) => Latency.Of(await Arrivals.RunAsync(async _ =>
    {
        if (await rival.GetAsync("single").ConfigureAwait(false) is not { Length: Values.Kibibyte })
        {
            throw new InvalidOperationException($"{rival} did not find the entry.");
        }
    }));

    private static async Task<IEnumerable<Contender>> BatchesAsync(RivalSet rivals, BatchDirection direction, int entries) =>
        (await new BatchWorkload(direction, entries, IsCluster: false).PrepareAsync(rivals))
            .Where(static contender => contender.Name is BatchWorkload.HashName or BatchWorkload.StringName or BatchWorkload.WhenAllName);

    private static List<Latency> ListOf(Dictionary<string, List<Latency>> latencies, string contender)
    {
        if (!latencies.TryGetValue(contender, out var list))
        {
            latencies[contender] = list = [];
        }

        return list;
    }

    private static BatchDirection DirectionOf(string name) => name == BesideName(BatchDirection.Get) ? BatchDirection.Get : BatchDirection.Set;
}
