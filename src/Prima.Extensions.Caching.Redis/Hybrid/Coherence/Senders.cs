namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>The other nodes on the channel, and how far each has counted. Not thread-safe.</summary>
/// <remarks>
/// A message is missing when a number is, or when a sender falls silent without a farewell: it may have died between a write and its message.
/// </remarks>
internal sealed class Senders
{
    // No fleet is larger; who invents senders does not get more memory than this.
    private const int Most = 10_000;

    private readonly Dictionary<Guid, Sender> _senders = [];

    public Continuity Heard(in NodeMessage message, long now)
    {
        var isNumbered = message.Kind is NodeMessage.Kinds.Keys or NodeMessage.Kinds.Tag;
        var before = isNumbered ? message.Sequence - 1 : message.Sequence;
        var isKnown = _senders.TryGetValue(message.Sender, out var sender);
        if (message.Kind == NodeMessage.Kinds.Farewell)
        {
            _senders.Remove(message.Sender);
        }
        else if (isKnown || _senders.Count < Most)
        {
            _senders[message.Sender] = new(message.Sequence, now);
        }

        return isKnown
            ? sender.Sequence == before ? Continuity.Whole : Continuity.Broken
            : before == 0 ? Continuity.Whole : Continuity.Unknown;
    }

    /// <summary>Forgets who has been silent for longer than <paramref name="silence"/>.</summary>
    /// <returns>Whether there was one.</returns>
    public bool ForgetSilent(long now, TimeSpan silence)
    {
        var before = _senders.Count;
        foreach (var (id, sender) in _senders)
        {
            if (now - sender.HeardAt > silence.TotalMilliseconds)
            {
                _senders.Remove(id);
            }
        }

        return _senders.Count < before;
    }

    public void Clear() => _senders.Clear();

    private readonly record struct Sender(long Sequence, long HeardAt);
}
