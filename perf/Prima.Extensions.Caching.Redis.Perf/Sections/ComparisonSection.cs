using Prima.Extensions.Caching.Redis.Perf.Measuring;
using Prima.Extensions.Caching.Redis.Perf.Results;
using Prima.Extensions.Caching.Redis.Perf.Rivals;
using Prima.Extensions.Caching.Redis.Perf.Workloads;

namespace Prima.Extensions.Caching.Redis.Perf.Sections;

/// <summary>Workloads in which every rival does as much as it can.</summary>
internal sealed class ComparisonSection(string name, Func<Task<string>> configuration, IReadOnlyList<IWorkload> workloads, Pace pace) : Section(name)
{
    public override IReadOnlyList<string> Cases => [.. workloads.Select(static workload => workload.Name)];

    public override async Task TryOutAsync(string name)
    {
        await using var rivals = await RivalSet.CreateAsync(await configuration());
        foreach (var contender in await workloads.Single(workload => workload.Name == name).PrepareAsync(rivals))
        {
            await contender.CheckAsync();
        }
    }

    public override async Task<SectionResult> MeasureAsync()
    {
        var result = new SectionResult { Environment = await RunEnvironment.OfAsync(await configuration()) };
        foreach (var name in Cases)
        {
            result.Comparisons[name] = await CompareAsync(name, static _ => true, pace);
        }

        return result;
    }

    /// <summary>Compares those of a workload that are wanted, with new connections.</summary>
    public async Task<Dictionary<string, List<Slice>>> CompareAsync(string workload, Func<Contender, bool> isWanted, Pace pace)
    {
        var server = await configuration();
        await using var processor = await ServerProcessor.ConnectAsync(server);
        await using var rivals = await RivalSet.CreateAsync(server);
        var contenders = await workloads.Single(candidate => candidate.Name == workload).PrepareAsync(rivals);
        return await new Interleaver(pace, processor).RunAsync([.. contenders.Where(isWanted)]);
    }
}
