using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Diagnostics;

/// <summary>What a probe is told of the L1.</summary>
public sealed class HybridHealthCheckTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Server_KilledAndBack_IsDegradedUntilTheL1IsArmedAgain()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var services = Register(options => options.Configuration = server.Configuration);
        var entry = await UntilAsync(services, HealthStatus.Healthy);
        Assert.Equal(("tracking", true), (entry.Data["source"], entry.Data["armed"]));
        Assert.False(entry.Data.ContainsKey("tracking"));

        await server.KillAsync();
        Assert.Equal(false, (await UntilAsync(services, HealthStatus.Degraded)).Data["armed"]);

        await server.RestartAsync();
        await UntilAsync(services, HealthStatus.Healthy);
    }

    [Fact]
    public async Task Entries_InTheL1_AreInTheData()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var services = Register(options => (options.Configuration, options.InstanceName) = (server.Configuration, $"{Guid.NewGuid():N}:"));
        await UntilAsync(services, HealthStatus.Healthy);
        await services.GetRequiredService<PrimaHybridCache>().GetOrCreateAsync("key-of-a-patient", static _ => new ValueTask<string>("value-of-a-patient"));


        // What a factory made enters after its caller has gone on.
        HealthReportEntry entry = default;
        await Poll.UntilAsync("it is in the L1", Deadline, async () => (entry = await CheckAsync(services)).Data["entries"] is 1);
        Assert.InRange(Convert.ToInt64(entry.Data["bytes"], null), 1, 1_000);
        Assert.DoesNotContain("patient", string.Join('\n', entry.Data.Values.Append(entry.Description!)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TrackingThatCannotBe_IsTheChannelWithTheReason()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var services = Register(options => options.ConnectionMultiplexerFactory = async () => await ConnectionMultiplexer.ConnectAsync(server.Configuration));

        var entry = await UntilAsync(services, HealthStatus.Healthy);

        Assert.Equal("channel", entry.Data["source"]);
        Assert.Contains(nameof(PrimaRedisCacheOptions.ConnectionMultiplexerFactory), (string)entry.Data["tracking"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cluster_OnePrimaryDown_IsDegraded()
    {
        await using var cluster = await RedisServers.StartClusterAsync();
        await using var services = Register(options => options.Configuration = cluster.Configuration);
        await UntilAsync(services, HealthStatus.Healthy);

        RedisProcess killed = await cluster.KillPrimaryOfAsync("key");
        await UntilAsync(services, HealthStatus.Degraded);

        await killed.RestartAsync();
        await UntilAsync(services, HealthStatus.Healthy);
    }

    private static ServiceProvider Register(Action<PrimaRedisCacheOptions> configure)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddPrimaRedisCache(configure).AddPrimaHybridCache();
        services.AddHealthChecks().AddPrimaHybridCache();
        return services.BuildServiceProvider();
    }

    private static async Task<HealthReportEntry> UntilAsync(ServiceProvider services, HealthStatus status)
    {
        HealthReportEntry entry = default;
        await Poll.UntilAsync($"the check says {status}", Deadline, async () => (entry = await CheckAsync(services)).Status == status);
        return entry;
    }

    private static async Task<HealthReportEntry> CheckAsync(ServiceProvider services) =>
        (await services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["prima-hybrid-cache"];
}
