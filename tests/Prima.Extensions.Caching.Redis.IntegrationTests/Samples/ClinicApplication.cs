using System.Globalization;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Exporter;
using Prima.Extensions.Caching.Redis.Connections;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Samples;

/// <summary>The sample as its users start it, with a faster store. Every instance has a store of its own.</summary>
public sealed class ClinicApplication : WebApplicationFactory<Program>
{
    private static readonly SharedKeys s_keys = new();

    private readonly string _redis;
    private int _lastPatient;

    /// <param name="redis">The value of <c>PrimaRedisCache:Configuration</c>; empty is the sample's default, a Garnet of its own.</param>
    public ClinicApplication(string redis)
    {
        _redis = redis;

        // The sample looks at the environment of this process, where no test needs these. Not restored: hosts start while others run.
        foreach (var variable in (string[])[EnvironmentServer.ClusterNodes, EnvironmentServer.SentinelNodes, EnvironmentServer.Url, EnvironmentServer.KvUrl])
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    public static TimeSpan StoreDelay { get; } = TimeSpan.FromMilliseconds(25);

    /// <summary>The id of a patient that nobody has changed, and that is not in the cache.</summary>
    public async Task<int> NextPatientAsync()
    {
        var id = Interlocked.Increment(ref _lastPatient);
        using var client = CreateClient();
        using var answer = await client.DeleteAsync($"/cache/{id}");
        answer.EnsureSuccessStatusCode();
        return id;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        var delay = StoreDelay.ToString("c", CultureInfo.InvariantCulture);
        builder.UseSetting("PrimaRedisCache:Configuration", _redis);
        builder.UseSetting("Clinic:StoreDelay:Read", delay);
        builder.UseSetting("Clinic:StoreDelay:Update", delay);
        builder.UseSetting("Logging:LogLevel:Default", "Error");
        builder.UseSetting("Logging:LogLevel:Microsoft.AspNetCore", "Error");
        builder.ConfigureServices(static services =>
        {
            services.Configure<KeyManagementOptions>(static options => options.XmlRepository = s_keys);

            // Otherwise two scrapes shortly after each other get the same answer.
            services.Configure<PrometheusAspNetCoreOptions>(static options => options.ScrapeResponseCacheDurationMilliseconds = 0);
        });
    }
}
