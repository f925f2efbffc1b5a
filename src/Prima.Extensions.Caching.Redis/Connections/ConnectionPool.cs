using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Diagnostics;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Connections;

/// <summary>The connections of a cache. A key always has the same one, so that the order of its operations is kept.</summary>
internal sealed class ConnectionPool(RedisConnection[] connections) : IDisposable, IAsyncDisposable
{
    private volatile bool _disposed;

    public bool IsDisposed => _disposed;

    public IReadOnlyList<RedisConnection> All => connections;

    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The options are not valid.</exception>
    public static ConnectionPool Create(PrimaRedisCacheOptions options, ILoggerFactory loggerFactory, TimeProvider time)
    {
        PrimaRedisCacheOptionsValidator.ThrowIfInvalid(options);
        if (options.UseDedicatedThreads)
        {
            ConnectionMultiplexer.SetFeatureFlag("DedicatedThreads", true);
        }

        var source = MultiplexerSource.From(options);
        var logger = loggerFactory.CreateLogger(typeof(PrimaRedisCache).FullName!);
        var connections = new RedisConnection[options.ConnectionPoolSize];
        for (var i = 0; i < connections.Length; i++)
        {
            // Servers are the same for all: one connection of the pool asks them how they are.
            connections[i] = new RedisConnection(source, options.ProfilingSession, i == 0 ? options.ServerSamplingInterval : null, logger, time);
        }

        return new(connections);
    }

    public long Reconnects => connections.Sum(static connection => connection.Watch?.Reconnects ?? 0);

    /// <summary>What is known of every server, over every connection that was made.</summary>
    public IReadOnlyList<ServerState> Servers() =>
        [.. connections.SelectMany(static (connection, index) => connection.Watch?.Servers(index) ?? [])];

    public RedisConnection For(RedisKey key) => IndexedFor(key).Connection;

    public (RedisConnection Connection, int Index) IndexedFor(RedisKey key)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(PrimaRedisCache));
        var index = connections.Length == 1 ? 0 : (int)((uint)key.GetHashCode() % (uint)connections.Length);
        return (connections[index], index);
    }

    public void Dispose()
    {
        _disposed = true;
        foreach (var connection in connections)
        {
            connection.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        foreach (var connection in connections)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
