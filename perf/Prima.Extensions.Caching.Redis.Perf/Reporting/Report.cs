using System.Text;
using Prima.Extensions.Caching.Redis.Perf.Measuring;
using Prima.Extensions.Caching.Redis.Perf.Results;
using Prima.Extensions.Caching.Redis.Perf.Rivals;
using Prima.Extensions.Caching.Redis.Perf.Sections;
using Prima.Extensions.Caching.Redis.Perf.Workloads;

namespace Prima.Extensions.Caching.Redis.Perf.Reporting;

/// <summary>What was measured, as a document.</summary>
internal static class Report
{
    // What stands for Microsoft in a comparison: the first of these that takes part.
    private static readonly string[] Anchors = [RivalNames.Microsoft, BatchWorkload.WhenAllName, RivalNames.HybridOverMicrosoft, GetOrCreateManyWorkload.LoopName];

    /// <summary>The whole report.</summary>
    /// <param name="results">The result of a section, if there is one.</param>
    public static string Write(Func<string, SectionResult?> results)
    {
        var report = new StringBuilder("# Performance: the latest full run\n\nWritten by `PRIMA_PERF=full dotnet test perf/Prima.Extensions.Caching.Redis.Perf`; how to read it: [docs/performance.md](../../docs/performance.md).\n");
        report.Append("\n## Where\n\n").Append(Where(results));
        report.Append("\n## Goals\n\n").Append("Medians of the ratios within a round, with the quartiles between which half of the rounds are.\n\n").Append(Goals(results));
        foreach (var (file, _) in Charts.Of(results))
        {
            report.Append("\n![").Append(Path.GetFileNameWithoutExtension(file).Replace('-', ' ')).Append("](").Append(file).Append(")\n");
        }

        foreach (var section in SectionCatalogue.All)
        {
            if (results(section.Name) is { } result)
            {
                report.Append("\n## ").Append(char.ToUpperInvariant(section.Name[0])).Append(section.Name.AsSpan(1)).Append('\n');
                Append(report, result);
            }
        }

        return report.ToString();
    }

    /// <summary>The table of the README: every ratio that is judged.</summary>
    public static string Goals(Func<string, SectionResult?> results) => Markdown.Table(
        ["", "of", "against", "throughput", "half of the rounds", "goal"],
        Floor.All.Where(floor => results(floor.Section)?.Comparisons.ContainsKey(floor.Workload) == true).Select(floor =>
        {
            var comparison = results(floor.Section)!.Comparisons[floor.Workload];
            var ratio = Statistics.Ratio(comparison[floor.Contender], comparison[floor.Against]);
            var missed = ratio.Median < floor.Goal ? ", missed" : "";
            return (IEnumerable<string>)[floor.Workload, floor.Contender, floor.Against, $"**{Markdown.Number(ratio.Median)}×**", $"{Markdown.Number(ratio.Low)} to {Markdown.Number(ratio.High)}", $"{Markdown.Number(floor.Goal)}×{missed}"];
        }));

    private static string Where(Func<string, SectionResult?> results) => string.Join('\n', SectionCatalogue.All
        .Select(section => (section.Name, results(section.Name)?.Environment))
        .Where(static pair => pair.Environment is not null)
        .GroupBy(static pair => pair.Environment! with { Date = "" }, static pair => $"{pair.Name} {pair.Environment!.Date}")
        .Select(static same => $"""
            - Machine: {same.Key.Machine}; {same.Key.OperatingSystem}; {same.Key.Runtime}
            - Server: {same.Key.Server}
            - Libraries: {same.Key.Libraries}
            - Measured: {string.Join(", ", same)}

            """));

    private static void Append(StringBuilder report, SectionResult result)
    {
        foreach (var (workload, contenders) in result.Comparisons)
        {
            var anchor = contenders[Anchors.First(contenders.ContainsKey)];
            report.Append("\n### ").Append(workload).Append("\n\n").Append(Markdown.Table(
                ["", "a second", "against Microsoft", "half of the rounds", "bytes", "client µs", "server µs"],
                contenders.Select(pair =>
                {
                    var ratio = Statistics.Ratio(pair.Value, anchor);
                    return (IEnumerable<string>)[pair.Key, Median(pair.Value, static slice => slice.PerSecond), $"{Markdown.Number(ratio.Median)}×", $"{Markdown.Number(ratio.Low)} to {Markdown.Number(ratio.High)}",
                        Median(pair.Value, static slice => slice.Bytes), Median(pair.Value, static slice => slice.ClientMicroseconds), Median(pair.Value, static slice => slice.ServerMicroseconds)];
                })));
        }

        foreach (var (name, contenders) in result.Latencies)
        {
            report.Append("\n### Latency: ").Append(name).Append("\n\n").Append(Markdown.Table(["", "p50 µs", "p99 µs", "p99.9 µs"], contenders.Select(static pair =>
            {
                var median = Latency.Median(pair.Value);
                return (IEnumerable<string>)[pair.Key, Markdown.Number(median.P50), Markdown.Number(median.P99), Markdown.Number(median.P999)];
            })));
        }

        if (result.Latencies.TryGetValue(BesideBatchSection.IdleName, out var alone))
        {
            report.Append('\n').Append(BesideBatch(result, alone));
        }

        foreach (var (name, figures) in result.Figures)
        {
            report.Append("\n### ").Append(char.ToUpperInvariant(name[0])).Append(name.AsSpan(1)).Append("\n\n").Append(Markdown.Table(["", ""], figures.Select(static pair => (IEnumerable<string>)[pair.Key, Markdown.Number(pair.Value)])));
        }
    }

    private static string BesideBatch(SectionResult result, Dictionary<string, List<Latency>> alone) => Markdown.Table(
        ["p99 beside a batch, against alone", .. Enum.GetValues<BatchDirection>().Select(BesideBatchSection.BesideName)],
        alone.Keys.Select(contender => (IEnumerable<string>)[contender, .. Enum.GetValues<BatchDirection>().Select(direction =>
            $"{Markdown.Number(Latency.Median(result.Latencies[BesideBatchSection.BesideName(direction)][contender]).P99 / Latency.Median(alone[contender]).P99)}×")]));

    private static string Median(IEnumerable<Slice> slices, Func<Slice, double> value) => Markdown.Number(Statistics.Of(slices.Select(value)).Median);
}
