using Prima.Extensions.Caching.Redis.Perf.Measuring;
using Prima.Extensions.Caching.Redis.Perf.Servers;
using Prima.Extensions.Caching.Redis.Perf.Workloads;

namespace Prima.Extensions.Caching.Redis.Perf.Sections;

/// <summary>All sections, in the order of the report.</summary>
internal static class SectionCatalogue
{
    public static readonly ComparisonSection Singles = OneServer("single entries", WorkloadCatalogue.Singles);
    public static readonly ComparisonSection Sizes = OneServer("other sizes", WorkloadCatalogue.Sizes);
    public static readonly ComparisonSection Batches = OneServer("batches", WorkloadCatalogue.BatchesOn(isCluster: false));
    public static readonly ComparisonSection ClusterBatches = new("batches on a cluster", PerfServer.ClusterConfigurationAsync, WorkloadCatalogue.BatchesOn(isCluster: true), Pace.Full);
    public static readonly BesideBatchSection BesideBatch = new("beside a batch");
    public static readonly MixedSection Mixed = new("mixed", Pace.Full);
    public static readonly ComparisonSection TwoLevels = OneServer("two levels", WorkloadCatalogue.TwoLevels);
    public static readonly ComparisonSection Medical = OneServer("medical system", WorkloadCatalogue.Medical);
    public static readonly FleetSection Fleet = new("fleet");
    public static readonly StalenessSection Staleness = new("staleness");
    public static readonly HitRatioSection HitRatio = new("hit ratio");
    public static readonly ServerLimitSection ServerLimit = new("server limit");

    public static readonly IReadOnlyList<Section> All = [Singles, Sizes, Batches, ClusterBatches, BesideBatch, Mixed, TwoLevels, Medical, Fleet, Staleness, HitRatio, ServerLimit];

    public static readonly IReadOnlyList<ComparisonSection> Comparisons = [Singles, Sizes, Batches, ClusterBatches, TwoLevels, Medical];

    private static ComparisonSection OneServer(string name, IReadOnlyList<IWorkload> workloads) => new(name, PerfServer.ConfigurationAsync, workloads, Pace.Full);
}
