using Prima.Extensions.Caching.Redis.TestServers.Certificates;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using Prima.Extensions.Caching.Redis.TestServers.Standalone;
using Prima.Extensions.Caching.Redis.TestServers.Topologies;

namespace Prima.Extensions.Caching.Redis.TestServers;

/// <summary>Starts test servers that belong to the caller. A server that cannot be started here skips the test; see <see cref="TestEnvironment"/>.</summary>
/// <remarks>Settings are lines of redis.conf. Tests that leave their server as they found it take one of <see cref="SharedServers"/> instead.</remarks>
public static class RedisServers
{
    // Long enough to pull the image, once.
    private static readonly TimeSpan ContainerDeadline = TimeSpan.FromMinutes(2);

    /// <summary>One server of the kind that the environment chooses; in auto the first that can be had of container, process, embedded.</summary>
    public static async Task<IRedisServer> StartStandaloneAsync()
    {
        ServerKind? choice = TestEnvironment.Choice;
        if (choice is ServerKind.Container or null)
        {
            (IRedisServer? server, string? problem) = await TryStartContainerAsync();
            if (server is not null)
            {
                return server;
            }

            if (choice is ServerKind.Container)
            {
                throw TestEnvironment.Missing(ServerKind.Container, $"Redis cannot be started in a container: {problem}. "
                    + "Start a container engine (or point DOCKER_HOST to one) that has or can pull the image. Without a registry: "
                    + ".ci/redis-image and TESTCONTAINERS_RYUK_DISABLED=true.");
            }
        }

        if (choice is ServerKind.Process || (choice is null && RedisBinaries.Problem is null))
        {
            return await StartProcessAsync();
        }

        return EmbeddedServer.Start();
    }

    /// <summary>One redis-server process, for tests that kill it, hang it, or need settings.</summary>
    public static Task<RedisProcess> StartProcessAsync(params string[] settings)
    {
        RedisBinaries.Demand("a redis-server process");
        return RedisProcess.StartServerAsync(settings);
    }

    /// <summary>One Garnet server in this process, whatever the environment chooses.</summary>
    public static IRedisServer StartEmbedded() => EmbeddedServer.Start();

    /// <summary>A cluster of 3 primaries with a replica each, as processes.</summary>
    public static Task<RedisCluster> StartClusterAsync(params string[] settings)
    {
        RedisBinaries.Demand("a cluster");
        return RedisCluster.StartAsync(settings);
    }

    /// <summary>A primary with a replica, watched by 3 sentinels, as processes.</summary>
    public static Task<SentinelGroup> StartSentinelAsync(params string[] settings)
    {
        RedisBinaries.Demand("a sentinel group");
        return SentinelGroup.StartAsync(settings);
    }

    /// <summary>A server that speaks TLS only, as a process.</summary>
    public static Task<TlsServer> StartTlsAsync(ServerCertificate certificate = ServerCertificate.Trusted, bool demandClientCertificate = false)
    {
        RedisBinaries.Demand("a TLS server");
        return TlsServer.StartAsync(certificate, demandClientCertificate);
    }

    private static async Task<(IRedisServer? Server, string? Problem)> TryStartContainerAsync()
    {
        if (await ContainerEngine.ProblemAsync() is { } problem)
        {
            return (null, problem);
        }

        using var timeout = new CancellationTokenSource(ContainerDeadline);
        try
        {
            return (await ContainerServer.StartAsync(timeout.Token), null);
        }
        catch (Exception e)
        {
            // Whatever the engine or the registry has against it, another kind of server serves as well.
            return (null, $"{TestEnvironment.Image}: {e.Message}");
        }
    }
}
