using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Prima.Extensions.Caching.Redis.IntegrationTests.Diagnostics;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Samples;

/// <summary>What Prometheus gets from the sample.</summary>
/// <remarks>Alone in the process: OpenTelemetry takes meters of the same name for one, and forgets it when the first of them is disposed.</remarks>
[Collection(nameof(ClinicMetricsTests))]
[CollectionDefinition(nameof(ClinicMetricsTests), DisableParallelization = true)]
public sealed partial class ClinicMetricsTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Metrics_AfterReads_CountThemAndNameNoPatient()
    {
        await using var clinic = new ClinicApplication(redis: "");
        using var client = clinic.CreateClient();
        await Poll.UntilAsync("the cache is connected", Deadline, async () => (await client.GetFromJsonAsync<JsonElement>("/health")).Text("status") == "Healthy");

        await client.GetFromJsonAsync<JsonElement>("/patients/7");
        await client.GetFromJsonAsync<JsonElement>("/patients/7");
        var patient = (await client.GetFromJsonAsync<JsonElement>("/patients/7")).GetProperty("patient");
        var metrics = await client.GetStringAsync("/metrics");

        Assert.Equal(
            [("hit", 2), ("miss", 1)],
            PrometheusText.Parse(metrics).Where(static sample => sample.Name == "prima_cache_lookups_total").Select(static sample => (sample.Labels["prima_cache_result"], sample.Value)).Order());
        Assert.DoesNotContain("patient:", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(patient.Text("name")!, metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_OfTableAndDashboard_AreThoseOfTheSample()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var clinic = new ClinicApplication(server.Configuration);
        using var client = clinic.CreateClient();
        await Poll.UntilAsync("the server was sampled, after it was read from", Deadline, async () =>
        {
            await client.GetFromJsonAsync<JsonElement>("/wards/elm");
            return (await client.GetStringAsync("/metrics")).Contains("hit_ratio", StringComparison.Ordinal);
        });
        await server.KillAsync();
        using (await client.DeleteAsync("/cache/1"))
        {
        }

        var exported = PrometheusText.Parse(await client.GetStringAsync("/metrics"));
        var names = exported.Select(static sample => sample.Name).ToHashSet();
        var labels = exported.SelectMany(static sample => sample.Labels.Keys).ToHashSet();

        Assert.Empty(DocumentedInstrument.OfCache.Select(static row => row.PrometheusName).Except(names));
        Assert.NotEmpty(Dashboard.Queries);
        Assert.All(Dashboard.Queries, query => Assert.Empty(Identifier().Matches(query).Select(static match => match.Value).Except(names).Except(labels)));

        // The dashboard shows all there is.
        Assert.All(DocumentedInstrument.OfCache, static row => Assert.Contains(Dashboard.Queries, query => query.Contains(Bucket().Replace(row.PrometheusName, ""), StringComparison.Ordinal)));
    }

    // Names of metrics and labels; the rest is PromQL's own.
    [GeneratedRegex(@"\b(?:prima_\w+|error_\w+|server_\w+)\b")]
    private static partial Regex Identifier();

    [GeneratedRegex("_bucket$")]
    private static partial Regex Bucket();
}
