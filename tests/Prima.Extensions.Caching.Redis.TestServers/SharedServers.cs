using Prima.Extensions.Caching.Redis.TestServers.Processes;
using Prima.Extensions.Caching.Redis.TestServers.Topologies;

namespace Prima.Extensions.Caching.Redis.TestServers;

/// <summary>One server of each kind for the whole test process, started by the first test that asks, ended with the process.</summary>
/// <remarks>
/// For tests that use keys of their own and leave the server as they found it; who kills, hangs, moves or flushes starts one of
/// <see cref="RedisServers"/>, for one test or by a <see cref="ServerFixture{T}"/> for a class. Ask in a test or in its InitializeAsync:
/// what a class or assembly fixture throws is a failure, even if it is a skip.
/// </remarks>
public static class SharedServers
{
    private static readonly Lazy<Task<IRedisServer>> Standalone = Start(RedisServers.StartStandaloneAsync);
    private static readonly Lazy<Task<RedisProcess>> Process = Start(static () => RedisServers.StartProcessAsync());
    private static readonly Lazy<Task<IRedisServer>> Embedded = Start(static () => Task.FromResult(RedisServers.StartEmbedded()));
    private static readonly Lazy<Task<RedisCluster>> Cluster = Start(static () => RedisServers.StartClusterAsync());
    private static readonly Lazy<Task<SentinelGroup>> Sentinel = Start(static () => RedisServers.StartSentinelAsync());
    private static readonly Lazy<Task<TlsServer>> Tls = Start(static () => RedisServers.StartTlsAsync());

    /// <summary>See <see cref="RedisServers.StartStandaloneAsync"/>.</summary>
    public static Task<IRedisServer> GetStandaloneAsync() => Standalone.Value;

    /// <summary>See <see cref="RedisServers.StartProcessAsync"/>: for tests that need a real Redis, of a known version.</summary>
    public static Task<RedisProcess> GetProcessAsync() => Process.Value;

    /// <summary>See <see cref="RedisServers.StartEmbedded"/>.</summary>
    public static Task<IRedisServer> GetEmbeddedAsync() => Embedded.Value;

    /// <summary>See <see cref="RedisServers.StartClusterAsync"/>.</summary>
    public static Task<RedisCluster> GetClusterAsync() => Cluster.Value;

    /// <summary>See <see cref="RedisServers.StartSentinelAsync"/>.</summary>
    public static Task<SentinelGroup> GetSentinelAsync() => Sentinel.Value;

    /// <summary>See <see cref="RedisServers.StartTlsAsync"/>.</summary>
    public static Task<TlsServer> GetTlsAsync() => Tls.Value;

    // On the pool: the server must not depend on the synchronization context of the test that happened to be first.
    private static Lazy<Task<T>> Start<T>(Func<Task<T>> start) => new(() => Task.Run(start));
}
