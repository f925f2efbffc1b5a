using System.Text;
using System.Text.Unicode;

namespace Prima.Extensions.Caching.Redis.Hybrid.Serialization;

/// <summary>Lets the copies of an L1 entry have the same strings: nobody can change a string, and they are most of what a copy takes.</summary>
/// <remarks>
/// A serializer that asks <see cref="Read"/> for its strings asks for the same ones each time it reads the same bytes. They are compared and not just taken one after the other:
/// what else a formatter may read meanwhile makes for fewer strings shared, and never for a wrong one.
/// </remarks>
internal readonly ref struct StringSharing : IDisposable
{
    private const int PartLength = 256;

    // On 64 bits.
    private const long ReferenceSize = 8;
    private const long ArrayOverhead = 24;
    private const long StringOverhead = 22;

    [ThreadStatic]
    private static Reading t_reading;

    // A formatter may itself ask the cache.
    private readonly Reading _outer;

    private StringSharing(Reading reading)
    {
        _outer = t_reading;
        t_reading = reading;
    }

    /// <summary>Begins to read a value, on this thread, until it is disposed of.</summary>
    /// <param name="known">The strings of a copy that was read before.</param>
    /// <param name="found">Takes the strings that are not known.</param>
    public static StringSharing Begin(string[]? known, List<string>? found) => new(new() { Known = known, Found = found });

    /// <summary>Makes a string of <paramref name="utf8"/>, or takes the one that another copy has at this place.</summary>
    public static string Read(ReadOnlySpan<byte> utf8)
    {
        ref var reading = ref t_reading;
        if (reading.Known is { } known && reading.Next < known.Length)
        {
            var candidate = known[reading.Next++];
            if (IsSame(utf8, candidate))
            {
                return candidate;
            }

            // Something else was read in between: the rest is out of step.
            reading.Known = null;
        }

        var text = Encoding.UTF8.GetString(utf8);
        reading.Found?.Add(text);
        return text;
    }

    /// <summary>How many bytes <paramref name="strings"/> and their array take.</summary>
    public static long SizeOf(List<string> strings)
    {
        var size = ArrayOverhead;
        foreach (var text in strings)
        {
            size += ReferenceSize + ((StringOverhead + (sizeof(char) * (long)text.Length) + ReferenceSize - 1) & -ReferenceSize);
        }

        return size;
    }

    public void Dispose() => t_reading = _outer;

    private static bool IsSame(ReadOnlySpan<byte> utf8, ReadOnlySpan<char> text)
    {
        if (Ascii.Equals(utf8, text))
        {
            return true;
        }

        Span<char> part = stackalloc char[PartLength];
        while (!utf8.IsEmpty)
        {
            Utf8.ToUtf16(utf8, part, out var read, out var written);
            if (!text.StartsWith(part[..written], StringComparison.Ordinal))
            {
                return false;
            }

            utf8 = utf8[read..];
            text = text[written..];
        }

        return text.IsEmpty;
    }

    private struct Reading
    {
        public string[]? Known;
        public int Next;
        public List<string>? Found;
    }
}
