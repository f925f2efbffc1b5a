using Clinic.Redis;

namespace Clinic.Statistics;

/// <summary>What the start page polls.</summary>
internal static class StatisticsEndpoints
{
    public static void MapStatistics(this IEndpointRouteBuilder app) => app.MapGet("/stats", Read);

    private static StatisticsAnswer Read(ReadStatistics statistics, RedisServer server) =>
        new(server.Name, server.IsEmbedded, statistics.Hits, statistics.Misses, statistics.Recent());
}
