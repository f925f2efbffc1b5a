using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Connections;
using Prima.Extensions.Caching.Redis.Diagnostics;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Leases;

/// <summary>The channel on which this node is told that a lease ended that it waits for.</summary>
/// <remarks>A message can get lost with the connection: then all who wait look for themselves. The client subscribes again by itself, on a cluster maybe at another node.</remarks>
internal sealed class WakeChannel(ConnectionPool connections, ILogger logger, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

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

    /// <summary>Whether the server, or this user's rights, do not allow leases.</summary>
    public bool IsRefused => _isRefused;

    /// <summary>How many wait.</summary>
    public int WaitingCount => _waiting.Count;

    public void Start() => _running = Task.Run(RunAsync);

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

    private async Task RunAsync()
    {
        while (!_isRefused && !_end.IsCancellationRequested)
        {
            try
            {
                await SubscribeAsync().ConfigureAwait(false);
            }
            catch (RedisServerException error) when (error.Kind is RedisErrorKind.NoPermission or RedisErrorKind.UnknownCommand or RedisErrorKind.NotPermitted)
            {
                Refuse($"SUBSCRIBE: {error.Kind}");
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // Not connected; the door logs that.
            }

            await Task.Delay(LookInterval, time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SubscribeAsync()
    {
        var connection = connections.All[0];
        var multiplexer = (connection.Database ?? await connection.ConnectAsync(_end.Token).ConfigureAwait(false)).Multiplexer;

        // The cache has another connection when the one before was closed by somebody else.
        if (multiplexer != _multiplexer)
        {
            if (NodeChannel.PrefixOf(multiplexer).Length > 0)
            {
                Refuse("the client puts a prefix in front of channels, and scripts do not");
                return;
            }

            await multiplexer.GetSubscriber().SubscribeAsync(Channel, Woken).ConfigureAwait(false);
            if (_multiplexer is { } before)
            {
                before.ConnectionFailed -= NoteLoss;
            }

            multiplexer.ConnectionFailed += NoteLoss;
            _multiplexer = multiplexer;
        }

        // Between a loss and this, messages may have been lost.
        var isSubscribed = multiplexer.GetSubscriber().IsConnected(Channel);
        if (isSubscribed != _isSubscribed)
        {
            _isSubscribed = isSubscribed;
            WakeAll();
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
