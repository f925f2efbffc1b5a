using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Diagnostics;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>Invalidations over a channel of Redis, from node to node: for servers that do not announce changes themselves, and for users who may not ask for it.</summary>
/// <remarks>
/// Messages of Redis' channels come at most once, so:
/// 1. Each node counts its messages; a missing number is a gap, and L1 is emptied. 2. Each beats twice a second and says how far it has counted, so that a gap at the end
/// is noticed; one that falls silent without a farewell is a gap too. 3. Each hears its own beats, in order with the messages of others: that the last one heard is
/// young proves that the channel works. Until the first, and when they stay away, L1 does not answer. 4. Beats from before a loss prove nothing, nor do those
/// without a mark: nodes that are tracking must know that somebody listens, see <see cref="ListenerMark"/>.
/// Messages are bytes that anybody with rights to the channel can send: what cannot be read is left out.
/// </remarks>
internal sealed class ChannelSource(PrimaRedisCache cache, string instanceName, ILogger logger, TimeProvider time) : IInvalidationSource
{
    private readonly ChannelSender _sender = new(cache.Executor, logger);
    private readonly ListenerMark _mark = new(cache);
    private readonly Lock _hearing = new();
    private readonly ArmedTime _armed = new();
    private readonly Senders _senders = new();
    private readonly CancellationTokenSource _end = new();
    private IInvalidationSink? _sink;
    private Task _running = Task.CompletedTask;
    private IConnectionMultiplexer? _multiplexer;
    private ChannelMessageQueue? _queue;
    private long _lostAt;
    private long _subscribedAt;

    public string Name => "channel";

    public bool IsDivided => false;

    public void Start(IInvalidationSink sink)
    {
        _sink = sink;
        _running = Task.Run(RunAsync);
    }

    public bool IsArmedForAll(long now) => _armed.IsArmedAt(now);

    public bool IsArmed(string key) => _armed.IsArmed;

    public void Announce(IReadOnlyList<string> keys) => _sender.Announce(keys);

    public void AnnounceTag(string tag, long stamp) => _sender.AnnounceTag(tag, stamp);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _armed.Disarm();
        await _sender.FarewellAsync().ConfigureAwait(false);
        WatchLosses(null);
        await UnsubscribeAsync().ConfigureAwait(false);
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await SubscribeAsync().ConfigureAwait(false);
                await BeatAsync().ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                CoherenceLog.ChannelNotArmed(logger, fault is RedisServerException error ? error.Kind.ToString() : fault.GetType().Name);
            }

            Look();
            await Task.Delay(ArmedTime.ProbeInterval, time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Subscribes, if that is not done yet or has brought nothing for long.</summary>
    private async Task SubscribeAsync()
    {
        if (_queue is not null && (_armed.IsArmed || ArmedTime.Now - _subscribedAt < 2 * ArmedTime.Validity.TotalMilliseconds))
        {
            return;
        }

        await UnsubscribeAsync().ConfigureAwait(false);
        var connection = cache.Executor.Connections.All[0];
        var multiplexer = (connection.Database ?? await connection.ConnectAsync(_end.Token).ConfigureAwait(false)).Multiplexer;
        if (NodeChannel.On(multiplexer, instanceName) is not { } channel)
        {
            return;
        }

        WatchLosses(multiplexer);
        _subscribedAt = _lostAt = ArmedTime.Now;
        _queue = await multiplexer.GetSubscriber().SubscribeAsync(channel.Subscription(NodeChannel.PrefixOf(multiplexer))).ConfigureAwait(false);
        _queue.OnMessage(message => Hear(message.Message));
        _sender.Open(channel);
    }

    // The cache has another connection when the one before was closed by somebody else.
    private void WatchLosses(IConnectionMultiplexer? multiplexer)
    {
        if (_multiplexer is { } before)
        {
            before.ConnectionFailed -= NoteLoss;
        }

        if (multiplexer is not null)
        {
            multiplexer.ConnectionFailed += NoteLoss;
        }

        _multiplexer = multiplexer;
    }

    // The others are to know how far this node has counted, whatever becomes of the mark.
    private async ValueTask BeatAsync()
    {
        var askedAt = ArmedTime.Now;
        var isMarked = false;
        try
        {
            isMarked = await _mark.RenewAsync(_end.Token).ConfigureAwait(false) && _mark.IsKnown;
        }
        finally
        {
            _sender.Beat(isMarked ? askedAt : 0);
        }
    }

    private async Task UnsubscribeAsync()
    {
        try
        {
            if (_queue is { } queue)
            {
                _queue = null;
                await queue.UnsubscribeAsync(CommandFlags.FireAndForget).ConfigureAwait(false);
            }
        }
        catch (Exception fault) when (fault is RedisException or ObjectDisposedException)
        {
            // The connection is gone, and the subscription with it.
        }
    }

    private void Hear(RedisValue bytes)
    {
        if (!NodeMessage.TryRead(((ReadOnlyMemory<byte>)bytes).Span, out var message))
        {
            CoherenceLog.MessageMalformed(logger);
            return;
        }

        lock (_hearing)
        {
            if (message.Sender == _sender.Id)
            {
                HearOwn(message);
            }
            else
            {
                HearOther(message);
            }
        }
    }

    private void HearOwn(in NodeMessage message)
    {
        if (message.Kind != NodeMessage.Kinds.Beat || message.Stamp <= _lostAt)
        {
            return;
        }

        if (_armed.IsOpen)
        {
            _armed.Extend(message.Stamp);
            _sink!.TookIn(TimeSpan.FromMilliseconds(ArmedTime.Now - message.Stamp));
            return;
        }

        _senders.Clear();
        _sink!.Clear(ClearReason.Armed);
        _armed.Arm(message.Stamp);
        CoherenceLog.ChannelArmed(logger);
    }

    private void HearOther(in NodeMessage message)
    {
        var continuity = _senders.Heard(message, ArmedTime.Now);
        if (continuity != Continuity.Whole)
        {
            if (continuity == Continuity.Broken)
            {
                CoherenceLog.MessageMissing(logger);
            }

            _sink!.Clear(ClearReason.Gap);
        }

        if (message.Kind == NodeMessage.Kinds.Tag)
        {
            _sink!.InvalidateTag(message.Names[0], message.Stamp);
        }

        if (message.Kind == NodeMessage.Kinds.Keys)
        {
            foreach (var key in message.Names)
            {
                _sink!.Invalidate(key, mayBeOwn: false);
            }
        }
    }

    /// <summary>Whether own beats stay away, or another node fell silent.</summary>
    private void Look()
    {
        lock (_hearing)
        {
            if (_armed.IsOpen && !_armed.IsArmed)
            {
                Lose();
            }

            if (_armed.IsArmed && _senders.ForgetSilent(ArmedTime.Now, ArmedTime.Validity))
            {
                CoherenceLog.MessageMissing(logger);
                _sink!.Clear(ClearReason.Gap);
            }
        }
    }

    private void NoteLoss(object? sender, ConnectionFailedEventArgs loss)
    {
        if (loss.ConnectionType == ConnectionType.Subscription)
        {
            lock (_hearing)
            {
                Lose();
            }
        }
    }

    private void Lose()
    {
        _lostAt = ArmedTime.Now;
        if (_armed.Disarm())
        {
            CoherenceLog.ChannelLost(logger);
            _sink!.Clear(ClearReason.ConnectionLost);
        }
    }
}
