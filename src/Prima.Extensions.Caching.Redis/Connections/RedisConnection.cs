using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Diagnostics;
using StackExchange.Redis;
using StackExchange.Redis.Profiling;

namespace Prima.Extensions.Caching.Redis.Connections;

/// <summary>One multiplexer, connected when it is first needed, and made anew if somebody else closed it.</summary>
internal sealed class RedisConnection(MultiplexerSource source, Func<ProfilingSession>? profilingSession, TimeSpan? samplingInterval, ILogger logger, TimeProvider time) : IDisposable, IAsyncDisposable
{
    private const int MostSteps = 50;

    private static readonly TimeSpan Step = ServerWatch.SilenceLimit / MostSteps;
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private volatile Opened? _opened;
    private Task<IDatabase>? _connecting;
    private long _connectingSince;
    private TimeSpan _pause;
    private bool _disposed;

    /// <summary>The database, or <see langword="null"/> before the first connection was made.</summary>
    public IDatabase? Database => _opened?.Database;

    public ServerWatch? Watch => _opened?.Watch;

    /// <summary>Whether the cache made the multiplexer, and not the caller's factory.</summary>
    public bool OwnsMultiplexer => source.OwnsMultiplexer;

    /// <summary>Connects, or joins the attempt under way.</summary>
    /// <returns>
    /// The database; with <see cref="FailureMode.Degrade"/>, <see langword="null"/> once the attempt is older than a server may be
    /// <see cref="ServerWatch.SilenceLimit">silent</see>, so an application that starts beside a dead Redis waits once, and briefly.
    /// </returns>
    /// <exception cref="TimeoutException">The attempt goes on, but took longer than a command may.</exception>
    public async ValueTask<IDatabase?> ConnectAsync(FailureMode mode, CancellationToken token)
    {
        var connecting = Connecting(mode, out var patience);
        if (patience > TimeSpan.Zero)
        {
            // Without a throw and a catch for every operation that waits.
            await Task.WhenAny(connecting, Task.Delay(patience, time, token)).ConfigureAwait(false);
            token.ThrowIfCancellationRequested();
        }

        return Result(connecting, mode);
    }

    /// <summary>Connects, or joins the attempt under way, and waits as long as a command may take.</summary>
    /// <exception cref="TimeoutException">The attempt goes on, but took longer than a command may.</exception>
    public async ValueTask<IDatabase> ConnectAsync(CancellationToken token) =>
        (await ConnectAsync(FailureMode.Throw, token).ConfigureAwait(false))!;

    /// <inheritdoc cref="ConnectAsync(FailureMode, CancellationToken)"/>
    public IDatabase? Connect(FailureMode mode)
    {
        // Blocks on a task: the client has no way to connect that does not end in one.
        var connecting = Connecting(mode, out var patience);
        _ = Task.WaitAny([connecting], patience);
        return Result(connecting, mode);
    }

    /// <summary>Whether a command for <paramref name="key"/> would be answered: its server is connected, and not silent.</summary>
    public bool IsUsable(RedisKey key) =>
        _opened is { } opened && opened.Database.IsConnected(key) && !opened.Watch.IsSilent(key);

    /// <summary>Waits for a server that was lost just now.</summary>
    /// <returns>Whether a command for <paramref name="key"/> would be answered now.</returns>
    public async ValueTask<bool> ReturnsAsync(RedisKey key, CancellationToken token)
    {
        // In small steps, because the client tells of losses and returns late, and one may belong to another.
        for (var step = 0; step < MostSteps && IsLost(key, out var @return, out var patience); step++)
        {
            await Task.WhenAny(@return, Task.Delay(patience, time, token)).ConfigureAwait(false);
            token.ThrowIfCancellationRequested();
        }

        return IsUsable(key);
    }

    /// <inheritdoc cref="ReturnsAsync"/>
    public bool Returns(RedisKey key)
    {
        for (var step = 0; step < MostSteps && IsLost(key, out var @return, out var patience); step++)
        {
            _ = Task.WaitAny([@return], patience);
        }

        return IsUsable(key);
    }

    /// <summary>Waits until the server that has <paramref name="key"/> answers, unless it is away: for as long as one may be <see cref="ServerWatch.SilenceLimit">silent</see>.</summary>
    /// <remarks>A connection that the server has closed looks usable until the client notices.</remarks>
    public async ValueTask AnswersAsync(RedisKey key)
    {
        using var limit = new CancellationTokenSource(ServerWatch.SilenceLimit, time);
        while ((IsUsable(key) || IsLost(key, out _, out _)) && !await IsAnsweredAsync(key, limit.Token).ConfigureAwait(false) && !limit.IsCancellationRequested)
        {
            await Task.Delay(Step, time).ConfigureAwait(false);
        }
    }

    /// <summary>The server that has <paramref name="key"/>; all that are known where the client cannot tell.</summary>
    public string EndPointOf(RedisKey key)
    {
        if (_opened is not { Database.Multiplexer: var multiplexer })
        {
            return "an address that it was not connected to yet";
        }

        try
        {
            return multiplexer.GetServer(key).EndPoint.Text();
        }
        catch (Exception exception) when (exception is RedisException or InvalidOperationException or NotSupportedException)
        {
            return string.Join(", ", multiplexer.GetEndPoints().Select(EndPointText.Text));
        }
    }

    /// <summary>The state of the connection to the server that has <paramref name="key"/>, in words.</summary>
    public string StateOf(RedisKey key) =>
        _opened is not { } opened ? "not made"
        : !opened.Database.IsConnected(key) ? "lost"
        : opened.Watch.IsSilent(key) ? "up, and the server silent"
        : "up";

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

    private async Task<bool> IsAnsweredAsync(RedisKey key, CancellationToken token)
    {
        if (_opened is not { Database.Multiplexer: var multiplexer })
        {
            return false;
        }

        try
        {
            var ping = multiplexer.GetServer(key).PingAsync();
            ping.Ignore();
            await ping.WaitAsync(token).ConfigureAwait(false);
            return true;
        }
        catch (RedisServerException)
        {
            // Not allowed, and yet an answer.
            return true;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or InvalidOperationException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Forgets a multiplexer that was closed by somebody else.</summary>
    private void Replace()
    {
        lock (_gate)
        {
            if (_disposed || _opened is null)
            {
                return;
            }

            _opened.Watch.Dispose();
            _opened = null;
            _connecting = null;
        }

        ConnectionLog.ConnectionReplaced(logger);
    }

    private bool IsLost(RedisKey key, out Task @return, out TimeSpan patience)
    {
        patience = TimeSpan.Zero;
        @return = _opened is { } opened && !opened.Database.IsConnected(key) ? opened.Watch.Return(out patience) : Task.CompletedTask;
        patience = patience < Step ? patience : Step;
        return patience > TimeSpan.Zero;
    }

    private Task<IDatabase> Connecting(FailureMode mode, out TimeSpan patience)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(PrimaRedisCache));
            if (_connecting is null || (_connecting.IsFaulted && time.GetElapsedTime(_connectingSince) >= _pause))
            {
                // On the pool, so that neither the client's nor a factory's synchronous part runs under the lock or in the caller's context.
                _connecting = Task.Run(OpenAsync);
                _connecting.Ignore();
                _connectingSince = time.GetTimestamp();
                _pause = ShortestPause * (1 + Random.Shared.NextDouble());
            }

            patience = source.CommandTimeout;
            if (mode == FailureMode.Degrade && patience > ServerWatch.SilenceLimit)
            {
                patience = ServerWatch.SilenceLimit - time.GetElapsedTime(_connectingSince);
            }

            patience = _connecting.IsCompleted || patience < TimeSpan.Zero ? TimeSpan.Zero : patience;
            return _connecting;
        }
    }

    private IDatabase? Result(Task<IDatabase> connecting, FailureMode mode)
    {
        if (connecting.IsCompletedSuccessfully)
        {
            return connecting.Result;
        }

        if (mode == FailureMode.Degrade)
        {
            return null;
        }

        return connecting.IsCompleted
            ? connecting.GetAwaiter().GetResult()
            : throw new TimeoutException($"Connecting to Redis took longer than a command may ({source.CommandTimeout}); the attempt goes on. See whether the server can be reached from here.");
    }

    private async Task<IDatabase> OpenAsync()
    {
        try
        {
            var sockets = new LatestSockets();
            var multiplexer = await source.ConnectAsync(sockets).ConfigureAwait(false)
                ?? throw new InvalidOperationException($"{nameof(PrimaRedisCacheOptions)}.{nameof(PrimaRedisCacheOptions.ConnectionMultiplexerFactory)} returned null.");
            if (profilingSession is not null)
            {
                multiplexer.RegisterProfiler(profilingSession);
            }

            AddLibraryName(multiplexer);
            LogState(multiplexer);
            return Keep(multiplexer, sockets);
        }
        catch (Exception exception)
        {
            ConnectionLog.ConnectFailed(logger, exception.GetType().Name);
            if (exception is RedisException or TimeoutException or ObjectDisposedException)
            {
                throw;
            }

            throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, CommandFlags.None, "The connection to Redis could not be made; see the inner exception.", exception);
        }
    }

    private IDatabase Keep(IConnectionMultiplexer multiplexer, LatestSockets sockets)
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _opened = new(multiplexer.GetDatabase(), new(multiplexer, sockets, Replace, samplingInterval, logger, time));
                return _opened.Database;
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
            if (_disposed || _opened is not { } opened)
            {
                _disposed = true;
                return [];
            }

            _disposed = true;
            opened.Watch.Dispose();
            return source.OwnsMultiplexer ? [opened.Database.Multiplexer] : [];
        }
    }

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
        var endpoints = string.Join(", ", multiplexer.GetEndPoints().Select(EndPointText.Text));
        if (multiplexer.IsConnected)
        {
            ConnectionLog.Connected(logger, endpoints);
        }
        else
        {
            ConnectionLog.NotConnectedYet(logger, endpoints);
        }
    }

    private sealed record Opened(IDatabase Database, ServerWatch Watch);
}
