namespace Prima.Extensions.Caching.Redis.Hybrid.Tags;

/// <summary>Whether an entry outlived the removals of its tags.</summary>
/// <param name="IsKnown">Whether Redis told of all its tags. If not, the entry is not used.</param>
/// <param name="IsValid">Whether none of its tags was removed after it was made.</param>
/// <param name="IsKept">Whether removals to come will change <paramref name="Stamps"/>.</param>
/// <param name="Stamps">The stamps of its tags.</param>
internal readonly record struct TagVerdict(bool IsKnown, bool IsValid, bool IsKept, TagStamp[] Stamps)
{
    public static readonly TagVerdict Removed = new(IsKnown: true, IsValid: false, IsKept: false, []);

    public static readonly TagVerdict Unknown = new(IsKnown: false, IsValid: false, IsKept: false, []);
}
