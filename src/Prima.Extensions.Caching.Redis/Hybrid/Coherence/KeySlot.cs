using System.Buffers;
using System.Text;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>The slot of a key on a cluster.</summary>
/// <remarks>CRC16 (XMODEM) of the key, or of what stands between its first brace and the next closing one, if anything does:
/// https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags</remarks>
internal static class KeySlot
{
    public const int Count = 16384;

    private const int LongestOnStack = 512;
    private const int Polynomial = 0x1021;

    private static readonly ushort[] Table = [.. Enumerable.Range(0, 256).Select(TableEntry)];

    /// <summary>The slot of the key whose UTF-8 is <paramref name="prefix"/> followed by that of <paramref name="key"/>.</summary>
    public static int Of(ReadOnlySpan<byte> prefix, string key)
    {
        var most = prefix.Length + Encoding.UTF8.GetMaxByteCount(key.Length);
        var rented = most > LongestOnStack ? ArrayPool<byte>.Shared.Rent(most) : null;
        Span<byte> bytes = rented is null ? stackalloc byte[LongestOnStack] : rented;
        prefix.CopyTo(bytes);
        var length = prefix.Length + Encoding.UTF8.GetBytes(key, bytes[prefix.Length..]);
        var slot = Of(bytes[..length]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return slot;
    }

    public static int Of(ReadOnlySpan<byte> key)
    {
        var open = key.IndexOf((byte)'{');
        if (open >= 0)
        {
            var tag = key[(open + 1)..];
            var close = tag.IndexOf((byte)'}');
            if (close > 0)
            {
                key = tag[..close];
            }
        }

        var crc = 0;
        foreach (var value in key)
        {
            crc = ((crc << 8) ^ Table[((crc >> 8) ^ value) & 0xFF]) & 0xFFFF;
        }

        return crc % Count;
    }

    private static ushort TableEntry(int index)
    {
        var crc = index << 8;
        for (var bit = 0; bit < 8; bit++)
        {
            crc = (crc & 0x8000) != 0 ? (crc << 1) ^ Polynomial : crc << 1;
        }

        return (ushort)crc;
    }
}
