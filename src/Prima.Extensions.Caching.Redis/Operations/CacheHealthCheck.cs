using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Prima.Extensions.Caching.Redis.Diagnostics;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>Healthy, degraded, or what the registration says where Redis cannot be reached at all: an application without its cache may well be able to work.</summary>
internal sealed class CacheHealthCheck(PrimaRedisCache cache) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // A server that is known to be away is not asked: a probe that waits is one that fails.
        var latency = CannotBeUsed(cache.State()) is true ? null : await cache.PingAsync(cancellationToken).ConfigureAwait(false);
        var state = cache.State();
        var data = Data(state, latency);
        if (CannotBeUsed(state) is not false)
        {
            return new(context.Registration.FailureStatus, "Redis cannot be used: reads are misses, and removals wait in the journal.", data: data);
        }

        var reason = Reason(state) ?? (latency is null ? "A server of Redis did not answer in time." : null);
        return reason is null ? HealthCheckResult.Healthy("Redis answers.", data) : HealthCheckResult.Degraded(reason, data: data);
    }

    /// <returns><see langword="null"/> while nothing was connected yet.</returns>
    private static bool? CannotBeUsed(CacheState state) =>
        state.Servers.Count == 0 ? null : state.Servers.All(static server => server.IsOpen);

    private static string? Reason(CacheState state) =>
        !state.Servers.Any(static server => server is { IsOpen: false, IsReplica: false }) ? "Only replicas of Redis can be reached: reads are served, writes are not."
        : state.Servers.Any(static server => server is { IsOpen: true, IsReplica: false }) ? "A server of Redis cannot be used: keys that no other serves are misses."
        : state.JournalLength > 0 ? "Redis has not caught up yet with what it missed."
        : null;

    private static Dictionary<string, object> Data(CacheState state, TimeSpan? latency)
    {
        var data = new Dictionary<string, object>
        {
            ["endpoints"] = string.Join(", ", state.Servers.Select(Text).Distinct()),
            ["breaker"] = state.Servers.Any(static server => server.IsOpen) ? "open" : "closed",
            ["journal"] = state.JournalLength,
        };
        if (latency is { } time)
        {
            data["latency"] = string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.###} ms");
        }

        return data;
    }

    private static string Text(ServerState server) =>
        $"{server.EndPoint} ({(server.IsReplica ? "replica" : "primary")}, {(!server.IsConnected ? "not connected" : server.IsSilent ? "silent" : "connected")})";
}
