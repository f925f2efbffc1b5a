using Prima.Extensions.Caching.Redis.Perf.Results;
using Prima.Extensions.Caching.Redis.Perf.Servers;

namespace Prima.Extensions.Caching.Redis.Perf.Sections;

/// <summary>What the server itself can do, by redis-benchmark: GET and SET of 1 KiB by 50 connections, one at a time and 32 in a pipeline.</summary>
internal sealed class ServerLimitSection(string name) : Section(name)
{
    private static readonly int[] Pipelines = [1, 32];

    public override IReadOnlyList<string> Cases => [Name];

    public override async Task TryOutAsync(string name)
    {
        var figures = await RedisBenchmark.RunAsync(await PerfServer.ConfigurationAsync(), requests: 1000, pipeline: 1);
        Assert.SkipWhen(figures is null, "redis-benchmark is not installed.");
        Assert.Equal(["SET", "GET"], figures.Keys);
    }

    public override async Task<SectionResult> MeasureAsync()
    {
        var server = await PerfServer.ConfigurationAsync();
        var result = new SectionResult { Environment = await RunEnvironment.OfAsync(server) };
        foreach (var pipeline in Pipelines)
        {
            var figures = await RedisBenchmark.RunAsync(server, requests: 300_000 * (pipeline == 1 ? 1 : 4), pipeline);
            Assert.SkipWhen(figures is null, "redis-benchmark is not installed.");
            result.Figures[$"commands a second, {pipeline} in a pipeline"] = figures;
        }

        return result;
    }
}
