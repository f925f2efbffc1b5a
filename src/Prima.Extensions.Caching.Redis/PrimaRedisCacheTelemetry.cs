namespace Prima.Extensions.Caching.Redis;

/// <summary>The names under which the cache reports, for <c>AddMeter</c> and <c>AddSource</c> of OpenTelemetry.</summary>
public static class PrimaRedisCacheTelemetry
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Prima.Extensions.Caching.Redis";

    /// <summary>The name of the activity source.</summary>
    public const string ActivitySourceName = "Prima.Extensions.Caching.Redis";
}
