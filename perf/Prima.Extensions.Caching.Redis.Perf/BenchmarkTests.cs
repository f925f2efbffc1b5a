using Prima.Extensions.Caching.Redis.Perf.Benchmarks;
using Prima.Extensions.Caching.Redis.Perf.Results;
using Prima.Extensions.Caching.Redis.Perf.Servers;

namespace Prima.Extensions.Caching.Redis.Perf;

/// <summary>The BenchmarkDotNet benchmarks: each once, or all of them measured.</summary>
public sealed class BenchmarkTests
{
    [Fact]
    public async Task Benchmarks_OnceOrMeasured_AllSucceed()
    {
        Assert.SkipWhen(PerfEnvironment.Mode == PerfMode.Gate, "The gate judges ratios that were taken in turns.");

        // A server that cannot be had is found out here, where it can skip the test.
        await PerfServer.ConfigurationAsync();
        var summary = PerfEnvironment.Mode == PerfMode.Full ? BenchmarkRun.Measure() : BenchmarkRun.TryOut();

        // Others are advice, such as not to build in a folder for temporary files.
        Assert.DoesNotContain(summary.ValidationErrors, static error => error.IsCritical);
        Assert.All(summary.Reports, static report => Assert.True(report.Success, report.BenchmarkCase.DisplayInfo));
        Assert.Equal(24, summary.Reports.Length);
        if (PerfEnvironment.Mode == PerfMode.Full)
        {
            File.WriteAllText(Path.Combine(ResultStore.Folder, "benchmarkdotnet.md"), BenchmarkRun.Table(summary));
        }
    }
}
