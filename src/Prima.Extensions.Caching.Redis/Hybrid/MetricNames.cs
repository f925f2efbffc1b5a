using Prima.Extensions.Caching.Redis.Hybrid.Local;

namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>How causes and reasons are named in metrics.</summary>
internal static class MetricNames
{
    public static string MetricName(this RemovalCause cause) => cause switch
    {
        RemovalCause.Capacity => "capacity",
        RemovalCause.Expired => "expired",
        RemovalCause.Invalidated => "invalidated",
        RemovalCause.Tag => "tag",
        RemovalCause.Replaced => "replaced",
        _ => "cleared",
    };

    public static string MetricName(this ClearReason reason) => reason switch
    {
        ClearReason.ConnectionLost => "connection-lost",
        ClearReason.Armed => "armed",
        ClearReason.Gap => "gap",
        ClearReason.Flushed => "flushed",
        _ => "topology-changed",
    };
}
