using Prima.Extensions.Caching.Redis.Perf.Measuring;

namespace Prima.Extensions.Caching.Redis.Perf.Results;

/// <summary>What one section of a full run measured: a file under perf/results/.</summary>
internal sealed class SectionResult
{
    public required RunEnvironment Environment { get; init; }

    /// <summary>By workload and contender, the rounds.</summary>
    public SortedDictionary<string, Dictionary<string, List<Slice>>> Comparisons { get; init; } = [];

    /// <summary>By workload and contender, the rounds.</summary>
    public SortedDictionary<string, Dictionary<string, List<Latency>>> Latencies { get; init; } = [];

    /// <summary>Single numbers, by what they tell and of whom.</summary>
    public SortedDictionary<string, Dictionary<string, double>> Figures { get; init; } = [];
}
