namespace Prima.Extensions.Caching.Redis.Hybrid.Tags;

/// <summary>Removals of tags that did not reach Redis. This node holds to them until they do.</summary>
/// <remarks>When there are too many to remember, all that is older than the last of them is gone for this node: too much is forgotten rather than too little.</remarks>
internal sealed class PendingTagRemovals
{
    private const int Most = 1000;

    private readonly Dictionary<string, long> _stamps = new(StringComparer.Ordinal);

    public bool IsEmpty
    {
        get
        {
            lock (_stamps)
            {
                return _stamps.Count == 0;
            }
        }
    }

    public void Add(string tag, long stamp)
    {
        lock (_stamps)
        {
            if (_stamps.Count >= Most && !_stamps.ContainsKey(tag))
            {
                _stamps.Clear();
                tag = TagTable.Wildcard;
            }

            _stamps[tag] = Math.Max(stamp, _stamps.GetValueOrDefault(tag));
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

    /// <summary>The tags, to be sent again.</summary>
    public string[] Tags()
    {
        lock (_stamps)
        {
            return [.. _stamps.Keys];
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
            }
        }
    }
}
