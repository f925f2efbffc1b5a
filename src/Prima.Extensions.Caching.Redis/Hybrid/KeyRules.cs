using System.Text;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;

namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>Which keys are used: as with Microsoft's HybridCache, but for those of the cache's own data.</summary>
internal static class KeyRules
{
    // Of leases, marks and the clock.
    private const string OwnPrefix = "__prima_";

    private const char LastControlCharacter = (char)31;

    /// <summary>Why <paramref name="key"/> cannot be used in any level, or <see langword="null"/>.</summary>
    public static string? Problem(ReadOnlySpan<char> key, int maximumLength) =>
        key.IsWhiteSpace() ? "is empty"
        : key.Length > maximumLength ? "is longer than MaximumKeyLength"
        : key.ContainsAnyInRange('\0', LastControlCharacter) ? "has control characters"
        : IsReserved(key) ? "begins as the cache's own keys do"
        : null;

    /// <summary>Whether what is under <paramref name="key"/> can be the cache's own, such as a tag's stamp.</summary>
    public static bool IsReserved(ReadOnlySpan<char> key) =>
        key.StartsWith(AnnouncedKey.TagStampPrefix, StringComparison.Ordinal) || key.StartsWith(OwnPrefix, StringComparison.Ordinal);

    /// <summary>Whether <paramref name="text"/> has a form in UTF-8. All that have none would be the same in Redis.</summary>
    public static bool IsUnicode(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var surrogate = text.IndexOfAnyInRange('\uD800', '\uDFFF');
            if (surrogate < 0)
            {
                return true;
            }

            text = text[surrogate..];
            if (Rune.DecodeFromUtf16(text, out _, out var consumed) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            text = text[consumed..];
        }

        return true;
    }
}
