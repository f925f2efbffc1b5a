using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Prima.Extensions.Caching.Redis.Perf.Benchmarks;

/// <summary>Runs BenchmarkDotNet in this process: that is where the servers are, and a build per benchmark would take longer than the benchmark.</summary>
internal static class BenchmarkRun
{
    /// <summary>Every case once.</summary>
    public static Summary TryOut() => Run(Job.Dry);

    /// <summary>Every case as long as it takes to read a table, not to publish one.</summary>
    public static Summary Measure() => Run(Job.Default.WithWarmupCount(3).WithIterationCount(8).WithIterationTime(TimeInterval.FromMilliseconds(150)));

    /// <summary>The table as markdown.</summary>
    public static string Table(Summary summary)
    {
        var logger = new AccumulationLogger();
        MarkdownExporter.GitHub.ExportToLog(summary, logger);
        return logger.GetLog();
    }

    private static Summary Run(Job job) => BenchmarkRunner.Run<SingleEntryBenchmarks>(ManualConfig.CreateEmpty()
        .AddJob(job.WithToolchain(InProcessEmitToolchain.Instance))
        .AddColumnProvider(DefaultConfig.Instance.GetColumnProviders().ToArray())
        .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "prima-perf"))
        // The servers' project is built without optimization, and measures nothing.
        .WithOptions(ConfigOptions.DisableOptimizationsValidator));
}
