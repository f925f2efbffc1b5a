using System.Globalization;
using System.Reflection;
using System.Runtime;
using System.Runtime.InteropServices;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Perf.Results;

/// <summary>The machine and the versions that numbers belong to.</summary>
internal sealed record RunEnvironment(string Date, string Machine, string OperatingSystem, string Runtime, string Server, string Libraries)
{
    private static readonly string[] Compared =
        ["StackExchange.Redis", "Microsoft.Extensions.Caching.StackExchangeRedis", "Microsoft.Extensions.Caching.Hybrid", "ZiggyCreatures.FusionCache"];

    public static async Task<RunEnvironment> OfAsync(string configuration)
    {
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(configuration);
        return new(
            TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture),
            $"{Processor()}, {System.Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB",
            RuntimeInformation.OSDescription,
            $"{RuntimeInformation.FrameworkDescription}, {(GCSettings.IsServerGC ? "server" : "workstation")} garbage collection",
            $"Redis {multiplexer.GetServers()[0].Version}{(PerfEnvironment.Server is null ? " on this machine, over loopback" : ", given by PRIMA_PERF_REDIS")}",
            string.Join(", ", Compared.Select(static name => $"{name} {VersionOf(name)}")));
    }

    private static string VersionOf(string assembly)
    {
        var version = Assembly.Load(assembly).GetCustomAttribute<AssemblyInformationalVersionAttribute>()!;
        return version.InformationalVersion.Split('+')[0];
    }

    private static string Processor() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor"
        : System.Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown processor";
}
