namespace Prima.Extensions.Caching.Redis.Hybrid.Tags;

/// <summary>Removals of tags that Redis does not know of, be they on their way or missed by it. This node holds to them until it does.</summary>
/// <remarks>When too many were missed, all that is older than the last of them is gone for this node: too much is forgotten rather than too little.</remarks>
internal sealed class PendingTagRemovals
{
    private const int MostMissed = 1000;

    private readonly Dictionary<string, long> _stamps = new(StringComparer.Ordinal);
    private readonly HashSet<string> _missed = new(StringComparer.Ordinal);

    /// <summary>Whether Redis missed none.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_stamps)
            {
                return _missed.Count == 0;
            }
        }
    }

    public void Add(string tag, long stamp)
    {
        lock (_stamps)
        {
            _stamps[tag] = Math.Max(stamp, _stamps.GetValueOrDefault(tag));
        }
    }

    /// <summary>Redis missed the removal of <paramref name="tag"/>: it is to be sent again.</summary>
    /// <returns>When everything was removed in its place, because too many were missed; 0 = it was not.</returns>
    public long Missed(string tag)
    {
        lock (_stamps)
        {
            // Another removal of it may have been faster.
            if (!_stamps.ContainsKey(tag) || !_missed.Add(tag) || _missed.Count <= MostMissed)
            {
                return 0;
            }

            var latest = _missed.Max(missed => _stamps[missed]);
            foreach (var missed in _missed)
            {
                _stamps.Remove(missed);
            }

            _missed.Clear();
            _missed.Add(TagTable.Wildcard);
            return _stamps[TagTable.Wildcard] = Math.Max(latest, _stamps.GetValueOrDefault(TagTable.Wildcard));
        }
    }

    /// <summary>When <paramref name="tag"/> was removed without Redis knowing; 0 = it was not.</summary>
    public long StampOf(string tag)
    {
        lock (_stamps)
        {
            return _stamps.GetValueOrDefault(tag);
        }
    }

    /// <summary>The tags whose removal Redis missed, to be sent again.</summary>
    public string[] Tags()
    {
        lock (_stamps)
        {
            return [.. _missed];
        }
    }

    /// <summary>Redis has a stamp of <paramref name="tag"/> that is not older than <paramref name="stamp"/>.</summary>
    public void Reached(string tag, long stamp)
    {
        lock (_stamps)
        {
            if (_stamps.TryGetValue(tag, out var pending) && pending <= stamp)
            {
                _stamps.Remove(tag);
                _missed.Remove(tag);
            }
        }
    }
}
