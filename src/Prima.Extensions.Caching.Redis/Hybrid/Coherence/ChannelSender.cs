using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Diagnostics;
using Prima.Extensions.Caching.Redis.Operations;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>What this node tells the others over the channel, numbered and in order.</summary>
/// <remarks>A message that cannot be sent has its number all the same: it is a gap for the others, who notice it.</remarks>
internal sealed class ChannelSender(RedisExecutor executor, ILogger logger)
{
    private readonly Lock _gate = new();
    private NodeChannel? _channel;
    private long _sequence;
    private bool _isRefused;

    /// <summary>How the others know this node.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>From here on messages go to <paramref name="channel"/>; until then to nobody.</summary>
    public void Open(NodeChannel channel)
    {
        lock (_gate)
        {
            _channel = channel;
        }
    }

    public void Announce(IReadOnlyList<string> keys)
    {
        lock (_gate)
        {
            for (var first = 0; first < keys.Count;)
            {
                _ = PublishAsync(NodeMessage.WriteKeys(Id, ++_sequence, keys, ref first));
            }
        }
    }

    public void AnnounceTag(string tag, long stamp)
    {
        lock (_gate)
        {
            _ = PublishAsync(NodeMessage.WriteTag(Id, ++_sequence, tag, stamp));
        }
    }

    /// <summary>Says how far this node has counted.</summary>
    /// <param name="mark">What the node's own source makes of it.</param>
    public void Beat(long mark)
    {
        lock (_gate)
        {
            _ = PublishAsync(NodeMessage.Write(NodeMessage.Kinds.Beat, Id, _sequence, mark));
        }
    }

    /// <summary>Nothing more will come, so that silence is no gap.</summary>
    public Task FarewellAsync()
    {
        lock (_gate)
        {
            return PublishAsync(NodeMessage.Write(NodeMessage.Kinds.Farewell, Id, _sequence, 0));
        }
    }

    // Called under the lock, so that messages leave in the order of their numbers.
    private async Task PublishAsync(byte[] message)
    {
        if (_channel is not { } channel)
        {
            return;
        }

        try
        {
            if (await executor.ExecuteAsync<PublishOperation, PublishResult>(new(channel.Key, channel.IsSharded, message), CancellationToken.None).ConfigureAwait(false) == PublishResult.Refused)
            {
                NoteRefusal();
            }
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            CoherenceLog.ChannelNotArmed(logger, fault is RedisServerException error ? error.Kind.ToString() : fault.GetType().Name);
        }
    }

    private void NoteRefusal()
    {
        if (!Interlocked.Exchange(ref _isRefused, true))
        {
            CoherenceLog.AnnouncementRefused(logger);
        }
    }
}
