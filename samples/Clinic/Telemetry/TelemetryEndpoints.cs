using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenTelemetry.Metrics;
using Prima.Extensions.Caching.Redis;

namespace Clinic.Telemetry;

/// <summary>How the cache is: <c>/health</c> for a probe and for the start page, <c>/metrics</c> for Prometheus.</summary>
internal static class TelemetryEndpoints
{
    public static void AddTelemetry(this IServiceCollection services)
    {
        services.AddHealthChecks().AddPrimaRedisCache();
        services.AddOpenTelemetry().WithMetrics(static metrics => metrics.AddMeter(PrimaRedisCacheTelemetry.MeterName).AddPrometheusExporter());
    }

    public static void MapTelemetry(this WebApplication app)
    {
        app.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = WriteAsync });
        app.MapPrometheusScrapingEndpoint();
    }

    private static Task WriteAsync(HttpContext context, HealthReport report) =>
        context.Response.WriteAsJsonAsync(HealthAnswer.Of(report), context.RequestAborted);
}
