using Prima.Extensions.Caching.Redis.Perf.Rivals;
using Prima.Extensions.Caching.Redis.Perf.Servers;

namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

/// <summary>The workloads that are compared in turns.</summary>
internal static class WorkloadCatalogue
{
    public static readonly int[] CallerCounts = [1, 64, 512];
    public static readonly int[] BatchSizes = [10, 100, 1000];

    private static readonly int[] UsualCallerCount = [64];

    public static IReadOnlyList<IWorkload> Singles { get; } =
    [
        .. from operation in Operation.All
           from expiry in ExpiriesOf(operation)
           from callers in CallerCounts
           select new SingleWorkload(operation, expiry, Values.Kibibyte, callers),
    ];

    public static IReadOnlyList<IWorkload> Sizes { get; } =
    [
        .. from operation in Operation.All
           from expiry in ExpiriesOf(operation)
           from size in new[] { Values.Small, Values.Large }
           from callers in IsUsual(operation, expiry) ? CallerCounts : UsualCallerCount
           select new SingleWorkload(operation, expiry, size, callers),
    ];

    public static IReadOnlyList<IWorkload> Medical { get; } = [new ConnectionWorkload(PerfServer.ConfigurationAsync), new ConcurrentWorkload()];

    public static IReadOnlyList<IWorkload> TwoLevels { get; } =
    [
        new LocalHitWorkload<string>("string", Admission.Example.Notes),
        new LocalHitWorkload<Admission>("mutable object", Admission.Example),
        new GetOrCreateManyWorkload(100),
    ];

    public static IReadOnlyList<IWorkload> BatchesOn(bool isCluster) =>
    [
        .. from direction in Enum.GetValues<BatchDirection>()
           from entries in BatchSizes
           select new BatchWorkload(direction, entries, isCluster),
    ];

    private static Expiry[] ExpiriesOf(Operation operation) => operation switch
    {
        RefreshOperation => [Expiry.Sliding],
        { KnowsExpiry: false } => [Expiry.Absolute],
        _ => [Expiry.Absolute, Expiry.Sliding],
    };

    private static bool IsUsual(Operation operation, Expiry expiry) => expiry == Expiry.Absolute && operation is (GetOperation or TryGetOperation or SetOperation);
}
