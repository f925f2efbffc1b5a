using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Connections;
using Prima.Extensions.Caching.Redis.Diagnostics;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Leases;

/// <summary>The channel on which this node is told that a lease ended that it waits for.</summary>
/// <remarks>A message can get lost with the connection: then all who wait look for themselves.</remarks>
internal sealed class WakeChannel(ConnectionPool connections, ILogger logger, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Lease> _waiting = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _end = new();
    private readonly string _node = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(LeaseScripts.NodeLength / 2));
    private IConnectionMultiplexer? _multiplexer;
    private Task _running = Task.CompletedTask;
    private long _lastClaim;
    private volatile bool _isRefused;
    private volatile bool _isSubscribed;

    /// <summary>Whether a message would reach this node.</summary>
    public bool IsOpen => _isSubscribed && !_isRefused;

    /// <summary>How many wait.</summary>
    public int WaitingCount => _waiting.Count;

    public void Start() => _running = Task.Run(SubscribeAsync);

    /// <summary>A claim that no other in the fleet is like.</summary>
    public string NextClaim() => _node + Interlocked.Increment(ref _lastClaim).ToString("x16", CultureInfo.InvariantCulture);

    public void Add(Lease lease) => _waiting[NumberOf(lease)] = lease;

    public void Forget(Lease lease) => _waiting.TryRemove(NumberOf(lease), out _);

    /// <summary>No leases any more: the server, or this user's rights, do not allow them.</summary>
    public void Refuse(string reason)
    {
        if (!_isRefused)
        {
            _isRefused = true;
            CoherenceLog.LeasesRefused(logger, reason);
            WakeAll();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        if (_multiplexer is { } multiplexer)
        {
            multiplexer.ConnectionFailed -= NoteLoss;
            multiplexer.ConnectionRestored -= NoteReturn;
            try
            {
                await multiplexer.GetSubscriber().UnsubscribeAsync(Channel, flags: CommandFlags.FireAndForget).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is RedisException or ObjectDisposedException)
            {
                // The connection is gone, and the subscription with it.
            }
        }

        WakeAll();
        _end.Dispose();
    }

    private RedisChannel Channel => RedisChannel.Literal(LeaseScripts.WakeChannel + _node);

    private static string NumberOf(Lease lease) => ((string)lease.Claim!)[LeaseScripts.NodeLength..];

    private async Task SubscribeAsync()
    {
        while (!_isSubscribed && !_isRefused && !_end.IsCancellationRequested)
        {
            try
            {
                var connection = connections.All[0];
                var database = connection.Database ?? await connection.ConnectAsync(_end.Token).ConfigureAwait(false);
                await database.Multiplexer.GetSubscriber().SubscribeAsync(Channel, Woken).ConfigureAwait(false);
                _multiplexer = database.Multiplexer;
                _multiplexer.ConnectionFailed += NoteLoss;
                _multiplexer.ConnectionRestored += NoteReturn;
                _isSubscribed = true;
                return;
            }
            catch (RedisServerException error) when (error.Kind is RedisErrorKind.NoPermission or RedisErrorKind.UnknownCommand or RedisErrorKind.NotPermitted)
            {
                Refuse($"SUBSCRIBE: {error.Kind}");
            }
            catch (Exception fault) when (fault is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException)
            {
                // Not connected yet; the door logs that.
            }

            await Task.Delay(RetryInterval, time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Woken(RedisChannel channel, RedisValue claim)
    {
        if (claim.Length() == LeaseScripts.ClaimLength - LeaseScripts.NodeLength && _waiting.TryRemove((string)claim!, out var lease))
        {
            lease.End();
        }
    }

    private void NoteLoss(object? sender, ConnectionFailedEventArgs loss)
    {
        if (loss.ConnectionType == ConnectionType.Subscription)
        {
            _isSubscribed = false;
            WakeAll();
        }
    }

    // The client subscribes again by itself, before it says so.
    private void NoteReturn(object? sender, ConnectionFailedEventArgs connection)
    {
        if (connection.ConnectionType == ConnectionType.Subscription)
        {
            _isSubscribed = true;
            WakeAll();
        }
    }

    private void WakeAll()
    {
        foreach (var (number, lease) in _waiting)
        {
            if (_waiting.TryRemove(number, out _))
            {
                lease.End();
            }
        }
    }
}
