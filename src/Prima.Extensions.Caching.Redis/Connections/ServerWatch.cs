using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Diagnostics;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Connections;

/// <summary>Knows of each server of one multiplexer whether it can be asked now: it is connected, and it is not silent.</summary>
/// <remarks>
/// <para>A server is silent when commands wait for its answers and none came for a while: its process is stopped, a script holds it up, or the network swallows
/// what is sent. The client would notice that only when commands time out.</para>
/// <para>The answer to a command that is still due, or the handshake of the client's next connection, tells that a server is back. So there is one probe at a
/// time, whatever the load is. A handshake that is not answered for as long is given up.</para>
/// </remarks>
internal sealed class ServerWatch : IDisposable
{
    public static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ReconfigureInterval = TimeSpan.FromSeconds(1);

    private readonly IConnectionMultiplexer _multiplexer;
    private readonly LatestSockets _sockets;
    private readonly Action _closed;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly ConcurrentDictionary<EndPoint, long> _lost = new();
    private readonly Dictionary<EndPoint, Progress> _progress = [];
    private readonly ServerSampler? _sampler;
    private volatile EndPoint[] _silent = [];
    private TaskCompletionSource _return = new();
    private Task _probe = Task.CompletedTask;
    private volatile bool _isWorthWaiting;
    private long _lostAt;
    private long _reconnects;
    private long _reconfiguredAt;
    private int _isLooking;

    /// <param name="multiplexer">The multiplexer.</param>
    /// <param name="sockets">Its sockets, as far as they are known.</param>
    /// <param name="closed">Called when somebody else is found to have closed the multiplexer.</param>
    /// <param name="samplingInterval">How often servers are asked how they are; <see langword="null"/> = never.</param>
    /// <param name="logger">Gets a line when a server is lost, silent, and back.</param>
    /// <param name="time">The clock.</param>
    public ServerWatch(IConnectionMultiplexer multiplexer, LatestSockets sockets, Action closed, TimeSpan? samplingInterval, ILogger logger, TimeProvider time)
    {
        _multiplexer = multiplexer;
        _sockets = sockets;
        _closed = closed;
        _return.SetResult();
        _sampler = samplingInterval is { } interval ? new(interval, time) : null;
        _logger = logger;
        _time = time;
        multiplexer.ConnectionFailed += NoteLoss;
        multiplexer.ConnectionRestored += NoteReturn;
        _timer = time.CreateTimer(static watch => ((ServerWatch)watch!).Look(), this, Interval, Interval);
    }

    /// <summary>How often a server was connected again.</summary>
    public long Reconnects => Interlocked.Read(ref _reconnects);

    /// <summary>What is known of each server.</summary>
    /// <param name="connection">Which connection of the pool this is.</param>
    public IEnumerable<ServerState> Servers(int connection)
    {
        var silent = _silent;
        foreach (var server in _multiplexer.GetServers())
        {
            yield return new(
                connection,
                server.EndPoint.Text(),
                server.IsReplica,
                server.IsConnected,
                Array.IndexOf(silent, server.EndPoint) >= 0,
                server.GetCounters().Interactive.TotalOutstanding,
                _sampler?.LastOf(server.EndPoint));
        }
    }

    /// <summary>Whether the server that has <paramref name="key"/> does not answer what it is asked, while some server does not.</summary>
    public bool IsSilent(RedisKey key)
    {
        if (_silent is not { Length: > 0 } silent)
        {
            return false;
        }

        try
        {
            return Array.IndexOf(silent, _multiplexer.GetServer(key).EndPoint) >= 0;
        }
        catch (InvalidOperationException)
        {
            // The connection went since it was looked at: the client names no server that it is not connected to.
            return true;
        }
    }

    /// <summary>Waits for a server that is not connected: one that was lost just now is normally back at once.</summary>
    /// <param name="patience">How long it is worth waiting: as long as a server may be <see cref="SilenceLimit">silent</see>, from the loss on.</param>
    /// <returns>When some server is connected again.</returns>
    public Task Return(out TimeSpan patience)
    {
        // The client may not have told of the loss yet.
        NoteLoss();
        patience = _isWorthWaiting ? SilenceLimit - _time.GetElapsedTime(Volatile.Read(ref _lostAt)) : TimeSpan.Zero;
        return patience > TimeSpan.Zero ? _return.Task : Task.CompletedTask;
    }

    public void Dispose()
    {
        _timer.Dispose();
        _multiplexer.ConnectionFailed -= NoteLoss;
        _multiplexer.ConnectionRestored -= NoteReturn;
    }

    private void NoteLoss()
    {
        var last = _return;
        if (last.Task.IsCompleted && Interlocked.CompareExchange(ref _return, new(TaskCreationOptions.RunContinuationsAsynchronously), last) == last)
        {
            // After a silence it has been away for long.
            _isWorthWaiting = _silent.Length == 0;
            Volatile.Write(ref _lostAt, _time.GetTimestamp());
        }
    }

    private void NoteLoss(object? sender, ConnectionFailedEventArgs loss)
    {
        if (loss is { ConnectionType: ConnectionType.Interactive, EndPoint: { } endpoint } && _lost.TryAdd(endpoint, _time.GetTimestamp()))
        {
            NoteLoss();
            ConnectionLog.ConnectionLost(_logger, endpoint.Text(), loss.FailureType);
        }
    }

    private void NoteReturn(object? sender, ConnectionFailedEventArgs @return)
    {
        if (@return is not { ConnectionType: ConnectionType.Interactive, EndPoint: { } endpoint })
        {
            return;
        }

        _silent = [.. _silent.Where(silent => !silent.Equals(endpoint))];
        _return.TrySetResult();
        if (_lost.TryRemove(endpoint, out var lostAt))
        {
            Interlocked.Increment(ref _reconnects);
            ConnectionLog.ConnectionRestored(_logger, endpoint.Text(), _time.GetElapsedTime(lostAt));
        }
    }

    private void Look()
    {
        if (Interlocked.Exchange(ref _isLooking, 1) == 1)
        {
            return;
        }

        try
        {
            var servers = _multiplexer.GetServers();
            _silent = [.. servers.Where(IsSilent).Select(static server => server.EndPoint)];
            if (servers.All(static server => server.IsConnected))
            {
                _return.TrySetResult();
            }

            GiveUpAttempts(servers);
            Reconfigure(servers);
            _sampler?.Sample(servers);
            if (!_multiplexer.IsConnected && _probe.IsCompleted)
            {
                // The client has no other way to tell that it was closed.
                _probe = _multiplexer.GetDatabase().PingAsync();
                _probe.Ignore();
            }
        }
        catch (ObjectDisposedException)
        {
            _closed();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Servers come and go while one looks, and nobody could catch it; the next look is soon.
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }

    private bool IsSilent(IServer server)
    {
        var counters = server.GetCounters().Interactive;
        var answered = counters.OperationCount - counters.TotalOutstanding;
        var now = _time.GetTimestamp();
        _progress.TryGetValue(server.EndPoint, out var last);
        if (!server.IsConnected)
        {
            // Whether it is silent is seen when it is back.
            _progress[server.EndPoint] = last with { Answered = answered, At = now };
            return last.IsSilent;
        }

        if (counters.SentItemsAwaitingResponse == 0 || answered != last.Answered)
        {
            if (last.IsSilent)
            {
                ConnectionLog.ServerAnswersAgain(_logger, server.EndPoint.Text(), _time.GetElapsedTime(last.At, now));
            }

            _progress[server.EndPoint] = new(answered, now, IsSilent: false);
            return false;
        }

        if (!last.IsSilent && _time.GetElapsedTime(last.At, now) >= SilenceLimit)
        {
            ConnectionLog.ServerSilent(_logger, server.EndPoint.Text(), counters.SentItemsAwaitingResponse);

            // Where only one command waits, its timeout alone would not close the connection.
            server.PingAsync().Ignore();
            _progress[server.EndPoint] = last with { IsSilent = true };
            return true;
        }

        return last.IsSilent;
    }

    // A server that was connected before answers a handshake soon, or something on the way swallows it: the next attempt may go another way.
    private void GiveUpAttempts(IServer[] servers)
    {
        foreach (var server in servers)
        {
            if (!server.IsConnected && _lost.ContainsKey(server.EndPoint))
            {
                _sockets.GiveUp(server.EndPoint, SilenceLimit);
            }
        }
    }

    // While a node of a cluster is away, its slots may have got another primary: the client looks for it by itself only after several attempts.
    private void Reconfigure(IServer[] servers)
    {
        if (servers.Length > 1 && servers.Any(static server => !server.IsConnected) && servers.Any(static server => server.IsConnected)
            && _time.GetElapsedTime(_reconfiguredAt) >= ReconfigureInterval)
        {
            _reconfiguredAt = _time.GetTimestamp();
            _multiplexer.ConfigureAsync().Ignore();
        }
    }

    /// <param name="Answered">How many commands the server has answered.</param>
    /// <param name="At">When that last changed, or nothing was waiting.</param>
    /// <param name="IsSilent">Whether it was found silent since.</param>
    private readonly record struct Progress(long Answered, long At, bool IsSilent);
}
