using Microsoft.Extensions.Diagnostics.HealthChecks;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;

namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>Healthy while the L1 may answer for all keys. Redis is not asked: the probes of the source do that all the time.</summary>
internal sealed class HybridHealthCheck(PrimaHybridCache cache) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var source = cache.Source;
        var isArmed = source.IsArmedForAll(ArmedTime.Now);
        var data = new Dictionary<string, object>
        {
            ["source"] = source.Name,
            ["armed"] = isArmed,
            ["entries"] = cache.Local.Count,
            ["bytes"] = cache.Local.Bytes,
        };
        if (source is CoherentSource { Refusal: { } refusal })
        {
            data["tracking"] = $"refused: {refusal}";
        }

        return Task.FromResult<HealthCheckResult>(isArmed
            ? new(HealthStatus.Healthy, $"The L1 follows Redis by {source.Name}.", data: data)
            : new(context.Registration.FailureStatus, "What happens to entries in Redis is not known to be announced here, at least of some keys. The L1 does not answer for them.", data: data));
    }
}
