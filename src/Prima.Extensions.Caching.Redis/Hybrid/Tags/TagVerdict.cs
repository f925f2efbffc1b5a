namespace Prima.Extensions.Caching.Redis.Hybrid.Tags;

/// <summary>Whether an entry outlived the removals of its tags.</summary>
/// <param name="IsValid">Whether none of its tags was removed after it was made.</param>
/// <param name="IsKept">Whether removals to come will change <paramref name="Stamps"/>.</param>
/// <param name="Stamps">The stamps of its tags.</param>
internal readonly record struct TagVerdict(bool IsValid, bool IsKept, TagStamp[] Stamps)
{
    public static readonly TagVerdict Removed = new(IsValid: false, IsKept: false, []);

    /// <summary>Redis did not say: the entry is not used.</summary>
    public static readonly TagVerdict Unknown = Removed;
}
