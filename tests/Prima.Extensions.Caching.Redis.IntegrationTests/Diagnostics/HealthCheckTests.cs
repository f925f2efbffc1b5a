using System.Diagnostics;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Diagnostics;

/// <summary>What a probe is told.</summary>
public sealed class HealthCheckTests
{
    private const string Nowhere = "127.0.0.1:1";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Server_Answers_IsHealthyWithData()
    {
        var server = await SharedServers.GetStandaloneAsync();
        await using var services = Register(server.Configuration);

        var entry = await FirstHealthyCheckAsync(services);

        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Equal($"{server.EndPoints[0]} (primary, connected)", entry.Data["endpoints"]);
        Assert.Equal(("closed", 0), (entry.Data["breaker"], entry.Data["journal"]));
        Assert.Matches(@"^\d+(\.\d+)? ms$", entry.Data["latency"].ToString());
    }

    [Theory]
    [InlineData(HealthStatus.Degraded)]
    [InlineData(HealthStatus.Unhealthy)]
    public async Task Server_KilledAndBack_IsWhatTheRegistrationSaysThenHealthy(HealthStatus failureStatus)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var services = Register(server.Configuration, failureStatus: failureStatus);
        await FirstHealthyCheckAsync(services);

        await server.KillAsync();
        await UntilAsync(services, entry => entry.Status == failureStatus && entry.Data["breaker"] is "open");
        Assert.False((await CheckAsync(services)).Data.ContainsKey("latency"));

        await server.RestartAsync();
        await UntilAsync(services, static entry => entry.Status == HealthStatus.Healthy && entry.Data["breaker"] is "closed");
    }

    [Fact]
    public async Task Server_NeverThere_IsWhatTheRegistrationSays()
    {
        await using var services = Register(Nowhere, failureStatus: HealthStatus.Unhealthy);

        var entry = await CheckAsync(services);

        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Null(entry.Exception);
    }

    [Fact]
    public async Task Server_Hangs_TheCheckDoesNotHangWithIt()
    {
        var timeout = TimeSpan.FromSeconds(30);
        await using var server = await RedisServers.StartProcessAsync();
        await using var services = Register(server.Configuration, options => options.CommandTimeout = timeout);
        await FirstHealthyCheckAsync(services);
        server.Suspend();

        // The first finds out, the others know.
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HealthStatus.Degraded, (await CheckAsync(services)).Status);
        }

        Assert.True(Stopwatch.GetElapsedTime(start) < timeout);
        server.Resume();
        await UntilAsync(services, static entry => entry.Status == HealthStatus.Healthy);
    }

    [Fact]
    public async Task Journal_NotEmpty_IsDegraded()
    {
        await using var server = await RedisServers.StartProcessAsync();
        var user = await server.SetUserAsync("cache", "secret", "~*", "+@all", "-unlink");
        await using var services = Register(user);
        await FirstHealthyCheckAsync(services);
        await services.GetRequiredService<IDistributedCache>().RemoveAsync("k");

        var entry = await CheckAsync(services);

        Assert.Equal((HealthStatus.Degraded, 1, "closed"), (entry.Status, entry.Data["journal"], entry.Data["breaker"]));
        await server.ExecuteAsync("ACL", "SETUSER", "cache", "+unlink");
        await UntilAsync(services, static entry => entry.Status == HealthStatus.Healthy);
    }

    [Fact]
    public async Task Server_IsAReplica_IsDegraded()
    {
        await using var primary = await RedisServers.StartProcessAsync();
        await using var replica = await RedisServers.StartProcessAsync($"replicaof 127.0.0.1 {primary.Port}");
        await using var services = Register(replica.Configuration);
        await UntilAsync(services, static entry => entry.Data["endpoints"] is not "");

        var entry = await CheckAsync(services);

        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Contains("replica", entry.Description, StringComparison.Ordinal);
        Assert.Equal($"{replica.EndPoint} (replica, connected)", entry.Data["endpoints"]);
    }

    [Fact]
    public async Task Cluster_OnePrimaryDown_IsDegradedAlsoWhereAnOutageIsUnhealthy()
    {
        await using var cluster = await RedisServers.StartClusterAsync();
        await using var services = Register(cluster.Configuration, failureStatus: HealthStatus.Unhealthy);
        await FirstHealthyCheckAsync(services);

        var killed = await cluster.PrimaryOfAsync("k");
        await killed.KillAsync();

        await UntilAsync(services, entry => entry.Status == HealthStatus.Degraded && entry.Data["endpoints"].ToString()!.Contains($"{killed.EndPoint} (primary, not connected)", StringComparison.Ordinal));
        await killed.RestartAsync();
        await UntilAsync(services, static entry => entry.Status == HealthStatus.Healthy);
    }

    [Fact]
    public async Task Data_UpAndDown_HasNoSecret()
    {
        const string password = "s3cret-of-the-clinic";
        await using var server = await RedisServers.StartProcessAsync();
        var user = await server.SetUserAsync("user-of-the-clinic", password, "~*", "+@all");
        await using var services = Register(user);

        AssertClean(await FirstHealthyCheckAsync(services));
        await services.GetRequiredService<IDistributedCache>().SetAsync("key-of-a-patient", "value-of-a-patient"u8.ToArray(), new());
        await server.KillAsync();
        await UntilAsync(services, static entry => entry.Status == HealthStatus.Degraded);
        await services.GetRequiredService<IDistributedCache>().RemoveAsync("key-of-a-patient");
        AssertClean(await CheckAsync(services));

        static void AssertClean(HealthReportEntry entry)
        {
            var text = string.Join('\n', entry.Data.Select(static item => $"{item.Key}: {item.Value}").Append(entry.Description).Append(entry.Exception?.ToString()));
            Assert.DoesNotContain(password, text, StringComparison.Ordinal);
            Assert.DoesNotContain("of-the-clinic", text, StringComparison.Ordinal);
            Assert.DoesNotContain("of-a-patient", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task KeyedCache_HasACheckOfItsOwn()
    {
        var server = await SharedServers.GetStandaloneAsync();
        var services = new ServiceCollection().AddLogging();
        services.AddPrimaRedisCache(static options => options.Configuration = Nowhere);
        services.AddKeyedPrimaRedisCache("sessions", options => options.Configuration = server.Configuration);
        services.AddHealthChecks().AddPrimaRedisCache().AddPrimaRedisCache(serviceKey: "sessions", tags: ["ready"]);
        await using var provider = services.BuildServiceProvider();

        HealthReport report = null!;
        await Poll.UntilAsync("one is healthy", Deadline, async () =>
            (report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["prima-redis-cache-sessions"].Status == HealthStatus.Healthy);

        Assert.Equal(
            [("prima-redis-cache", HealthStatus.Degraded), ("prima-redis-cache-sessions", HealthStatus.Healthy)],
            report.Entries.Select(static entry => (entry.Key, entry.Value.Status)).Order());
        Assert.Equal(["ready"], report.Entries["prima-redis-cache-sessions"].Tags);
    }

    [Fact]
    public async Task Cancellation_OfTheCheck_EndsIt()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var services = Register(server.Configuration);
        await FirstHealthyCheckAsync(services);
        server.Suspend();
        using var cancellation = new CancellationTokenSource();

        var check = services.GetRequiredService<HealthCheckService>().CheckHealthAsync(cancellation.Token);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => check);
        server.Resume();
    }

    [Fact]
    public async Task Factory_Throws_IsNoExceptionOfTheCheck()
    {
        await using var services = Register(Nowhere, static options => options.ConnectionMultiplexerFactory = static () => throw new InvalidOperationException("password=s3cret"));

        var entry = await CheckAsync(services);

        Assert.Equal((HealthStatus.Degraded, null), (entry.Status, entry.Exception));
        Assert.DoesNotContain("s3cret", entry.Description, StringComparison.Ordinal);
    }

    private static ServiceProvider Register(string configuration, Action<PrimaRedisCacheOptions>? configure = null, HealthStatus failureStatus = HealthStatus.Degraded)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddPrimaRedisCache(options =>
        {
            options.Configuration = configuration;
            configure?.Invoke(options);
        });
        services.AddHealthChecks().AddPrimaRedisCache(failureStatus: failureStatus);
        return services.BuildServiceProvider();
    }

    /// <summary>The first check connects; on a busy machine it does not wait until that is done.</summary>
    private static async Task<HealthReportEntry> FirstHealthyCheckAsync(ServiceProvider services)
    {
        await UntilAsync(services, static entry => entry.Status == HealthStatus.Healthy);
        return await CheckAsync(services);
    }

    private static async Task<HealthReportEntry> CheckAsync(ServiceProvider services) =>
        Assert.Single((await services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries).Value;

    private static Task UntilAsync(ServiceProvider services, Func<HealthReportEntry, bool> condition) =>
        Poll.UntilSolvedAsync("the check says it", Deadline, async () =>
        {
            var entry = await CheckAsync(services);
            return condition(entry) ? null : $"{entry.Status}: {entry.Description} {string.Join(", ", entry.Data)}";
        });
}
