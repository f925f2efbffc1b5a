using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Tags;

/// <summary>
/// What this node knows of tags that were removed. In Redis it is
/// <code>
/// __MSFT_HCT__ ++ tag     8 bytes, little-endian: UTC ticks of the removal; an entry that was made then or before is gone
/// </code>
/// as Microsoft's HybridCache has it; <c>*</c> is the tag of everything.
/// </summary>
/// <remarks>A stamp is in here only as long as a change of it would be announced. Of a tag that is not in here nothing is known, and Redis is asked.</remarks>
internal sealed class TagTable(int maximum)
{
    public const string Wildcard = "*";

    private const string Prefix = "__MSFT_HCT__";

    private readonly ConcurrentDictionary<string, TagStamp> _stamps = new(StringComparer.Ordinal);

    public int Count => _stamps.Count;

    public static string KeyOf(string tag) => Prefix + tag;

    public static bool TryGetTag(string key, [NotNullWhen(true)] out string? tag)
    {
        tag = key.StartsWith(Prefix, StringComparison.Ordinal) ? key[Prefix.Length..] : null;
        return tag is not null;
    }

    public TagStamp? Find(string tag) => _stamps.GetValueOrDefault(tag);

    public void Add(string tag, TagStamp stamp)
    {
        if (_stamps.Count >= maximum)
        {
            ForgetSome();
        }

        if (_stamps.TryGetValue(tag, out var present) && present != stamp)
        {
            present.Forget();
        }

        _stamps[tag] = stamp;
    }

    /// <summary>The tag was removed at <paramref name="ticks"/>.</summary>
    public void Raise(string tag, long ticks) => Find(tag)?.Raise(ticks);

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
