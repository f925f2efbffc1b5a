using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>What a node that is tracking tells those that are not, as long as there may be any: see <see cref="ListenerMark"/>.</summary>
internal sealed class ChannelRelay(ChannelSender sender, string instanceName)
{
    private long _heardAt = ArmedTime.Now;
    private bool _isSpeaking;

    /// <summary>A renewal of the mark was announced, or may have been missed.</summary>
    public void Hear() => Volatile.Write(ref _heardAt, ArmedTime.Now);

    public void Announce(IReadOnlyList<string> keys, bool isArmed)
    {
        if (IsNeeded(isArmed))
        {
            sender.Announce(keys);
        }
    }

    public void AnnounceTag(string tag, long stamp, bool isArmed)
    {
        if (IsNeeded(isArmed))
        {
            sender.AnnounceTag(tag, stamp);
        }
    }

    /// <summary>Called twice a second: a message that was lost must be missed.</summary>
    /// <param name="multiplexer">The cache's own connection.</param>
    /// <param name="isArmed">Whether renewals of the mark are known to arrive.</param>
    public async ValueTask BeatAsync(IConnectionMultiplexer multiplexer, bool isArmed)
    {
        if (IsNeeded(isArmed))
        {
            if (NodeChannel.On(multiplexer, instanceName) is { } channel)
            {
                sender.Open(channel);
                _isSpeaking = true;
                sender.Beat(mark: 0);
            }
        }
        else
        {
            await FarewellAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask FarewellAsync()
    {
        if (_isSpeaking)
        {
            _isSpeaking = false;
            await sender.FarewellAsync().ConfigureAwait(false);
        }
    }

    // Armed means that everything before the last proof was heard, so what was heard is looked at after that.
    private bool IsNeeded(bool isArmed) => !isArmed || ArmedTime.Now - Volatile.Read(ref _heardAt) < ListenerMark.Memory.TotalMilliseconds;
}
