using System.Globalization;
using Prima.Extensions.Caching.Redis.Perf.Measuring;
using Prima.Extensions.Caching.Redis.Perf.Results;
using Prima.Extensions.Caching.Redis.Perf.Sections;
using Prima.Extensions.Caching.Redis.Perf.Workloads;

namespace Prima.Extensions.Caching.Redis.Perf.Reporting;

/// <summary>The pictures of the report, by file name.</summary>
internal static class Charts
{
    public static IEnumerable<(string File, string Svg)> Of(Func<string, SectionResult?> results)
    {
        if (results(SectionCatalogue.Singles.Name) is { } singles)
        {
            yield return ("get-sliding.svg", Throughput(singles, "get, sliding"));
            yield return ("get-into-a-buffer.svg", Throughput(singles, "get into a buffer, absolute"));
            yield return ("set.svg", Throughput(singles, "set, absolute"));
        }

        if (results(SectionCatalogue.Batches.Name) is { } batches)
        {
            yield return ("batch-get.svg", SpeedUp(batches, BatchDirection.Get));
            yield return ("batch-set.svg", SpeedUp(batches, BatchDirection.Set));
        }

        if (results(SectionCatalogue.Mixed.Name) is { } mixed)
        {
            yield return ("latency.svg", Percentiles(mixed));
        }
    }

    private static string Throughput(SectionResult result, string operation)
    {
        var chart = new LineChart($"{operation}, {Values.SizeName(Values.Kibibyte)}", "operations a second", [.. WorkloadCatalogue.CallerCounts.Select(static callers => $"{callers} callers")]);
        AddAll(chart, WorkloadCatalogue.CallerCounts.Select(callers => result.Comparisons[string.Create(CultureInfo.InvariantCulture, $"{operation}, {Values.SizeName(Values.Kibibyte)}, c={callers}")]), static (slices, _) => Statistics.Of(slices.Select(static slice => slice.PerSecond)).Median);
        return chart.ToString();
    }

    private static string SpeedUp(SectionResult result, BatchDirection direction)
    {
        var word = direction == BatchDirection.Get ? "GetAsync" : "SetAsync";
        var chart = new LineChart($"{direction} many, {Values.SizeName(Values.Kibibyte)}, one server", $"times the speed of a loop of Microsoft's {word}", [.. WorkloadCatalogue.BatchSizes.Select(static size => $"{size} entries")]);
        AddAll(
            chart,
            WorkloadCatalogue.BatchSizes.Select(size => result.Comparisons[new BatchWorkload(direction, size, IsCluster: false).Name]),
            static (slices, all) => Statistics.Ratio(slices, all[BatchWorkload.LoopName]).Median);
        return chart.ToString();
    }

    private static string Percentiles(SectionResult result)
    {
        var chart = new LineChart($"Latency: {MixedSection.LatencyName}", "microseconds", ["p50", "p99", "p99.9"]);
        foreach (var (name, rounds) in result.Latencies[MixedSection.LatencyName])
        {
            var median = Latency.Median(rounds);
            chart.Add(name, [median.P50, median.P99, median.P999]);
        }

        return chart.ToString();
    }

    private static void AddAll(LineChart chart, IEnumerable<Dictionary<string, List<Slice>>> points, Func<List<Slice>, Dictionary<string, List<Slice>>, double> value)
    {
        var all = points.ToArray();
        foreach (var name in all[0].Keys)
        {
            chart.Add(name, all.Select(point => point.TryGetValue(name, out var slices) ? value(slices, point) : (double?)null));
        }
    }
}
