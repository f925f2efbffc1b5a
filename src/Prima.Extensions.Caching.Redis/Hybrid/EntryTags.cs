using Prima.Extensions.Caching.Redis.Hybrid.Tags;

namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>The tags that a caller gives an entry.</summary>
internal static class EntryTags
{
    /// <summary>The tags, sorted as Microsoft's HybridCache sorts them, each once.</summary>
    /// <exception cref="ArgumentException">A tag is empty, white space, or the one that stands for everything.</exception>
    public static string[] From(IEnumerable<string>? tags)
    {
        if (tags is null or ICollection<string> { Count: 0 })
        {
            return [];
        }

        string[] sorted = [.. tags];
        foreach (var tag in sorted)
        {
            if (string.IsNullOrWhiteSpace(tag))
            {
                throw new ArgumentException("Tags cannot be empty.", nameof(tags));
            }

            if (tag == TagTable.Wildcard)
            {
                throw new ArgumentException($"The tag '{TagTable.Wildcard}' is reserved and cannot be used in this context.", nameof(tags));
            }
        }

        if (sorted.Length > 1)
        {
            sorted = [.. sorted.Distinct(StringComparer.Ordinal)];
            Array.Sort(sorted, StringComparer.InvariantCulture);
        }

        return sorted;
    }
}
