using System.Collections.Concurrent;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;

namespace Prima.Extensions.Caching.Redis.Hybrid.Tags;

/// <summary>
/// What this node knows of tags that were removed. In Redis it is
/// <code>
/// __MSFT_HCT__ ++ tag     8 bytes, little-endian: UTC ticks of the removal; an entry that was made then or before is gone
/// </code>
/// as Microsoft's HybridCache has it; <c>*</c> is the tag of everything.
/// </summary>
/// <remarks>Of a tag that is not in here, or not completely, Redis is asked. What is in here is only right as long as removals are announced.</remarks>
internal sealed class TagTable(int maximum)
{
    public const string Wildcard = "*";

    public static readonly string WildcardKey = KeyOf(Wildcard);

    private readonly ConcurrentDictionary<string, TagStamp> _stamps = new(StringComparer.Ordinal);

    public int Count => _stamps.Count;

    public static string KeyOf(string tag) => AnnouncedKey.TagStampPrefix + tag;

    /// <summary>The tag's stamp, if its last removal is known.</summary>
    public TagStamp? Find(string tag) => _stamps.TryGetValue(tag, out var stamp) && stamp.IsComplete ? stamp : null;

    /// <summary>Stamps that removals from now on change. What is made later than now needs no others.</summary>
    public TagStamp[] Watch(string[] tags)
    {
        var stamps = tags.Length == 0 ? [] : new TagStamp[tags.Length];
        for (var i = 0; i < tags.Length; i++)
        {
            stamps[i] = GetOrAdd(tags[i]);
        }

        return stamps;
    }

    /// <summary>The tag's stamp, after Redis was asked for it.</summary>
    public TagStamp Complete(string tag, long ticks)
    {
        var stamp = GetOrAdd(tag);
        stamp.Complete(ticks);
        return stamp;
    }

    /// <summary>The tag was removed at <paramref name="ticks"/>.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Raise(string tag, long ticks)
    {
        if (!_stamps.TryGetValue(tag, out var stamp))
        {
            return true;
        }

        var isNews = !stamp.Covers(ticks);
        stamp.Raise(ticks);
        return isNews;
    }

    /// <summary>The tag was removed, and when is not known.</summary>
    public void Forget(string tag)
    {
        if (_stamps.TryRemove(tag, out var stamp))
        {
            stamp.Forget();
        }
    }

    /// <summary>Forgets all tags. What relies on their stamps must be of an older epoch.</summary>
    public void Clear() => _stamps.Clear();

    private TagStamp GetOrAdd(string tag)
    {
        if (_stamps.TryGetValue(tag, out var present))
        {
            return present;
        }

        if (_stamps.Count >= maximum)
        {
            ForgetSome();
        }

        return _stamps.GetOrAdd(tag, static tag => new(KeyOf(tag), 0, isComplete: false));
    }

    // Whichever come first: a sixteenth at a time, so that a node with very many tags does not do this for each of them.
    private void ForgetSome()
    {
        var count = (maximum / 16) + 1;
        foreach (var (tag, _) in _stamps)
        {
            Forget(tag);
            if (--count == 0)
            {
                return;
            }
        }
    }
}
