using Prima.Extensions.Caching.Redis.Perf.Reporting;
using Prima.Extensions.Caching.Redis.Perf.Results;
using Prima.Extensions.Caching.Redis.Perf.Sections;

namespace Prima.Extensions.Caching.Redis.Perf;

/// <summary>PRIMA_PERF=full: each section measures, keeps its numbers under perf/results/, and the report is written anew from all that are there.</summary>
/// <remarks>A section is a test, so that a filter can choose: <c>--filter FullyQualifiedName~FullRun.Batches</c>.</remarks>
public sealed class FullRun
{
    [Fact]
    public Task SingleEntries() => MeasureAsync(SectionCatalogue.Singles);

    [Fact]
    public Task OtherSizes() => MeasureAsync(SectionCatalogue.Sizes);

    [Fact]
    public Task BatchesOnOneServer() => MeasureAsync(SectionCatalogue.Batches);

    [Fact]
    public Task BatchesOnACluster() => MeasureAsync(SectionCatalogue.ClusterBatches);

    [Fact]
    public Task BesideABatch() => MeasureAsync(SectionCatalogue.BesideBatch);

    [Fact]
    public Task Mixed() => MeasureAsync(SectionCatalogue.Mixed);

    [Fact]
    public Task TwoLevels() => MeasureAsync(SectionCatalogue.TwoLevels);

    [Fact]
    public Task MedicalSystem() => MeasureAsync(SectionCatalogue.Medical);

    [Fact]
    public Task Fleet() => MeasureAsync(SectionCatalogue.Fleet);

    [Fact]
    public Task Staleness() => MeasureAsync(SectionCatalogue.Staleness);

    [Fact]
    public Task HitRatio() => MeasureAsync(SectionCatalogue.HitRatio);

    [Fact]
    public Task ServerLimit() => MeasureAsync(SectionCatalogue.ServerLimit);

    private static async Task MeasureAsync(Section section)
    {
        PerfEnvironment.SkipUnless(PerfMode.Full);
        ResultStore.Write(section.Name, await section.MeasureAsync());
        ReportFiles.Write();
    }
}
