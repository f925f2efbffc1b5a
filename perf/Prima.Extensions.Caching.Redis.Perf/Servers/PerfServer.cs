using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.Perf.Servers;

/// <summary>Where a run's servers are: those that it was given, or processes that end with it.</summary>
internal static class PerfServer
{
    private static readonly Lazy<Task<ThreeNodeCluster>> Cluster = new(static () => Task.Run(ThreeNodeCluster.StartAsync));

    public static async Task<string> ConfigurationAsync() => PerfEnvironment.Server ?? (await SharedServers.GetProcessAsync()).Configuration;

    /// <summary>Always started: three primaries on this machine, without replicas.</summary>
    public static async Task<string> ClusterConfigurationAsync() => (await Cluster.Value).Configuration;
}
