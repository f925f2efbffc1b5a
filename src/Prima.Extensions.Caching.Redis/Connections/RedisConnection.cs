using System.Net;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Diagnostics;
using StackExchange.Redis;
using StackExchange.Redis.Profiling;

namespace Prima.Extensions.Caching.Redis.Connections;

/// <summary>One multiplexer, connected when it is first needed.</summary>
internal sealed class RedisConnection(MultiplexerSource source, Func<ProfilingSession>? profilingSession, ILogger logger, TimeProvider time) : IDisposable, IAsyncDisposable
{
    // A connection that was just lost is normally back at once: commands wait for it in the client. After this long they are not sent.
    private static readonly TimeSpan ReconnectGrace = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private volatile IDatabase? _database;
    private Task<IDatabase>? _connecting;
    private long _lostAt = time.GetTimestamp();
    private bool _disposed;

    /// <summary>The database, or <see langword="null"/> before the first connection was made.</summary>
    public IDatabase? Database => _database;

    /// <summary>Connects, or joins the attempt under way.</summary>
    /// <exception cref="TimeoutException">The attempt goes on, but took longer than a command may.</exception>
    public async ValueTask<IDatabase> ConnectAsync(CancellationToken token)
    {
        var connecting = Connecting();
        try
        {
            return await connecting.WaitAsync(source.CommandTimeout, time, token).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!connecting.IsCompleted)
        {
            throw TookTooLong();
        }
    }

    /// <inheritdoc cref="ConnectAsync"/>
    public IDatabase Connect()
    {
        // The one place that blocks on a task: the client has no way to connect that does not end in one.
        var connecting = Connecting();
        return Task.WaitAny([connecting], source.CommandTimeout) == 0 ? connecting.GetAwaiter().GetResult() : throw TookTooLong();
    }

    /// <summary>Whether it makes sense to send a command for <paramref name="key"/>: the client is connected, or was until a moment ago.</summary>
    public bool IsUsable(RedisKey key) =>
        _database!.IsConnected(key) || time.GetElapsedTime(Volatile.Read(ref _lostAt)) < ReconnectGrace;

    public void Dispose()
    {
        foreach (var multiplexer in Close())
        {
            multiplexer.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var multiplexer in Close())
        {
            await multiplexer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private TimeoutException TookTooLong() =>
        new($"Connecting to Redis took longer than a command may ({source.CommandTimeout}); the attempt goes on. See whether the server can be reached from here.");

    private Task<IDatabase> Connecting()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(PrimaRedisCache));

            // On the pool, so that neither the client's nor a factory's synchronous part runs under the lock or in the caller's context.
            return _connecting ??= Task.Run(OpenAsync);
        }
    }

    private async Task<IDatabase> OpenAsync()
    {
        try
        {
            var multiplexer = await source.ConnectAsync().ConfigureAwait(false)
                ?? throw new InvalidOperationException($"{nameof(PrimaRedisCacheOptions)}.{nameof(PrimaRedisCacheOptions.ConnectionMultiplexerFactory)} returned null.");
            if (profilingSession is not null)
            {
                multiplexer.RegisterProfiler(profilingSession);
            }

            AddLibraryName(multiplexer);
            LogState(multiplexer);
            return Keep(multiplexer);
        }
        catch (Exception exception)
        {
            lock (_gate)
            {
                _connecting = null;
            }

            ConnectionLog.ConnectFailed(logger, exception.GetType().Name);
            if (exception is RedisException or TimeoutException or ObjectDisposedException)
            {
                throw;
            }

            throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, CommandFlags.None, "The connection to Redis could not be made; see the inner exception.", exception);
        }
    }

    private IDatabase Keep(IConnectionMultiplexer multiplexer)
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                multiplexer.ConnectionFailed += NoteLoss;
                return _database = multiplexer.GetDatabase();
            }
        }

        if (source.OwnsMultiplexer)
        {
            multiplexer.Dispose();
        }

        throw new ObjectDisposedException(typeof(PrimaRedisCache).FullName);
    }

    private IEnumerable<IConnectionMultiplexer> Close()
    {
        lock (_gate)
        {
            if (_disposed || _database is not { Multiplexer: var multiplexer })
            {
                _disposed = true;
                return [];
            }

            _disposed = true;
            multiplexer.ConnectionFailed -= NoteLoss;
            return source.OwnsMultiplexer ? [multiplexer] : [];
        }
    }

    private void NoteLoss(object? sender, ConnectionFailedEventArgs loss) => Volatile.Write(ref _lostAt, time.GetTimestamp());

    private void AddLibraryName(IConnectionMultiplexer multiplexer)
    {
        try
        {
            multiplexer.AddLibraryNameSuffix("prima");
        }
        catch (Exception exception) when (exception is RedisException or NotSupportedException)
        {
            ConnectionLog.LibraryNameNotSet(logger, exception);
        }
    }

    private void LogState(IConnectionMultiplexer multiplexer)
    {
        if (multiplexer.IsConnected)
        {
            ConnectionLog.Connected(logger, Endpoints(multiplexer));
        }
        else
        {
            ConnectionLog.NotConnectedYet(logger, Endpoints(multiplexer));
        }
    }

    private static string Endpoints(IConnectionMultiplexer multiplexer) =>
        string.Join(", ", multiplexer.GetEndPoints().Select(endpoint => endpoint switch
        {
            DnsEndPoint dns => $"{dns.Host}:{dns.Port}",
            _ => endpoint.ToString(),
        }));
}
