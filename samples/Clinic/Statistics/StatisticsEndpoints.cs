using Clinic.Redis;

namespace Clinic.Statistics;

/// <summary>What the start page polls.</summary>
internal static class StatisticsEndpoints
{
    /// <param name="app">The application.</param>
    /// <param name="stoppable">The embedded server, where the page may stop it.</param>
    public static void MapStatistics(this IEndpointRouteBuilder app, EmbeddedRedis? stoppable) =>
        app.MapGet("/stats", (ReadStatistics statistics, RedisServer server) =>
            new StatisticsAnswer(server.Name, server.IsEmbedded, stoppable?.IsRunning, statistics.Hits, statistics.Misses, statistics.Recent()));
}
