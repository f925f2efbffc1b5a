using Prima.Extensions.Caching.Redis.Perf.Measuring;
using Prima.Extensions.Caching.Redis.Perf.Rivals;

namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

/// <summary>What is done with every rival that can do it.</summary>
internal interface IWorkload
{
    /// <summary>By this the report, the charts and the floors know it.</summary>
    string Name { get; }

    /// <summary>Stores what the workload reads, and returns those who can take part.</summary>
    Task<IReadOnlyList<Contender>> PrepareAsync(RivalSet rivals);
}
