using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace Prima.Extensions.Caching.Redis.Tests.Documentation;

/// <summary>The C# example of docs/observability.md, as it stands there. Compiled, not run.</summary>
public static class ObservabilityExamples
{
    public static WebApplication Build(WebApplicationBuilder builder)
    {
        // <telemetry>
        builder.Services.AddPrimaRedisCache();
        builder.Services.AddHealthChecks().AddPrimaRedisCache();
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter(PrimaRedisCacheTelemetry.MeterName).AddPrometheusExporter())
            .WithTracing(traces => traces.AddSource(PrimaRedisCacheTelemetry.ActivitySourceName));

        var app = builder.Build();
        app.MapHealthChecks("/health");
        app.MapPrometheusScrapingEndpoint();
        // </telemetry>

        return app;
    }
}
