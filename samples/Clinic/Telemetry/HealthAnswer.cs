using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Clinic.Telemetry;

/// <summary>What <c>GET /health</c> answers.</summary>
/// <param name="Status">The worst of all checks: Healthy, Degraded or Unhealthy.</param>
/// <param name="Checks">The checks by their names.</param>
internal sealed record HealthAnswer(string Status, IReadOnlyDictionary<string, HealthAnswer.Check> Checks)
{
    public static HealthAnswer Of(HealthReport report) =>
        new(report.Status.ToString(), report.Entries.ToDictionary(static entry => entry.Key, static entry => Check.Of(entry.Value)));

    /// <summary>One check.</summary>
    internal sealed record Check(string Status, string? Description, IReadOnlyDictionary<string, object> Data)
    {
        // The exception stays here: its message is for the log.
        public static Check Of(HealthReportEntry entry) => new(entry.Status.ToString(), entry.Description, entry.Data);
    }
}
