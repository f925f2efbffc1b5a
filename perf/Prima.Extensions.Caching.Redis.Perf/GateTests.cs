using System.Globalization;
using Prima.Extensions.Caching.Redis.Perf.Measuring;
using Prima.Extensions.Caching.Redis.Perf.Results;
using Prima.Extensions.Caching.Redis.Perf.Sections;

namespace Prima.Extensions.Caching.Redis.Perf;

/// <summary>PRIMA_PERF=gate: measures the workloads that have floors, and fails where a median ratio is below one.</summary>
public sealed class GateTests
{
    // A ratio that is below its floor gets this many measurements before it is believed; all rounds count.
    private const int Attempts = 3;

    public static TheoryData<string, string> Workloads =>
        [.. Floor.All.Select(static floor => (floor.Section, floor.Workload)).Distinct().Select(static row => new TheoryDataRow<string, string>(row.Section, row.Workload))];

    [Theory, MemberData(nameof(Workloads))]
    public async Task Ratio_WithAFloor_IsNotBelowIt(string section, string workload)
    {
        PerfEnvironment.SkipUnless(PerfMode.Gate);
        var floors = Floor.All.Where(floor => floor.Section == section && floor.Workload == workload).ToArray();
        var names = floors.SelectMany(static floor => new[] { floor.Contender, floor.Against }).ToHashSet();
        var rounds = names.ToDictionary(static name => name, static _ => new List<Slice>());
        var below = "";
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var measured = await SectionCatalogue.Comparisons.Single(candidate => candidate.Name == section).CompareAsync(workload, contender => names.Contains(contender.Name), Pace.Gate);
            foreach (var (name, slices) in measured)
            {
                rounds[name].AddRange(slices);
            }

            below = string.Join("; ", floors.Select(floor => (floor, Ratio: Statistics.Ratio(rounds[floor.Contender], rounds[floor.Against])))
                .Where(static pair => pair.Ratio.Median < pair.floor.AtLeast)
                .Select(static pair => string.Create(CultureInfo.InvariantCulture,
                    $"{pair.floor.Contender} is {pair.Ratio.Median:0.00} ({pair.Ratio.Low:0.00} to {pair.Ratio.High:0.00}) times {pair.floor.Against}, at least {pair.floor.AtLeast:0.00} is asked for")));
            if (below.Length == 0)
            {
                return;
            }
        }

        Assert.Fail($"{workload}: {below}.");
    }

    /// <summary>In every run: a floor that names nothing would guard nothing.</summary>
    [Fact]
    public void Floors_OfTheFile_NameWorkloadsThatExist() => Assert.All(Floor.All, static floor =>
    {
        Assert.Contains(floor.Workload, SectionCatalogue.Comparisons.Single(section => section.Name == floor.Section).Cases);
        Assert.InRange(floor.AtLeast, 0.1, 100);
    });
}
