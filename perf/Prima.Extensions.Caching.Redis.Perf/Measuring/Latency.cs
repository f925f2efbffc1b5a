using System.Text.Json.Serialization;

namespace Prima.Extensions.Caching.Redis.Perf.Measuring;

/// <summary>Latencies of one contender in one round, in microseconds.</summary>
internal sealed record Latency(
    [property: JsonPropertyName("p50")] double P50,
    [property: JsonPropertyName("p99")] double P99,
    [property: JsonPropertyName("p999")] double P999)
{
    public static Latency Of(double[] sorted) =>
        new(Statistics.Quantile(sorted, 0.5), Statistics.Quantile(sorted, 0.99), Statistics.Quantile(sorted, 0.999));

    /// <summary>The medians over several rounds.</summary>
    public static Latency Median(IReadOnlyCollection<Latency> rounds) => new(
        Statistics.Of(rounds.Select(static round => round.P50)).Median,
        Statistics.Of(rounds.Select(static round => round.P99)).Median,
        Statistics.Of(rounds.Select(static round => round.P999)).Median);
}
