using System.Text;

namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>Which keys are used, as with Microsoft's HybridCache.</summary>
internal static class KeyRules
{
    private const char LastControlCharacter = (char)31;

    /// <summary>Why <paramref name="key"/> cannot be used in any level, or <see langword="null"/>.</summary>
    public static string? Problem(ReadOnlySpan<char> key, int maximumLength) =>
        key.IsWhiteSpace() ? "is empty"
        : key.Length > maximumLength ? "is longer than MaximumKeyLength"
        : key.ContainsAnyInRange('\0', LastControlCharacter) ? "has control characters"
        : null;

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
