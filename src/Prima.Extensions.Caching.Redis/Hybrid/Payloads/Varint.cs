namespace Prima.Extensions.Caching.Redis.Hybrid.Payloads;

/// <summary>Unsigned numbers in 7 bits a byte, the lowest first; the highest bit says that another byte follows.</summary>
internal static class Varint
{
    public const int MaximumLength = 10;

    public static int Write(ulong value, Span<byte> destination)
    {
        var length = 0;
        for (; value > 0x7F; value >>= 7)
        {
            destination[length++] = (byte)(value | 0x80);
        }

        destination[length] = (byte)value;
        return length + 1;
    }

    /// <summary>Reads a number, and moves <paramref name="source"/> past it. One that does not fit 64 bits is none.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> source, out ulong value)
    {
        value = 0;
        for (var i = 0; i < MaximumLength && i < source.Length; i++)
        {
            var bits = (ulong)(source[i] & 0x7F);
            if (i == MaximumLength - 1 && bits > 1)
            {
                return false;
            }

            value |= bits << (7 * i);
            if (source[i] <= 0x7F)
            {
                source = source[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
