namespace Prima.Extensions.Caching.Redis.Entries;

/// <summary>
/// The string layout: a frame in front of the value.
/// <code>
/// STRING at  InstanceName ++ key
///   3 bytes  F5 50 52      magic; F5 stands in no UTF-8 text, so no text is taken for a frame
///   1 byte   version and flags: high nibble = version (1), bit 0 = has absolute, bit 1 = has sliding, bits 2 and 3 = 0
///   varint   absolute expiration, milliseconds since 1970-01-01 UTC   (if bit 0)
///   varint   sliding expiration, milliseconds                         (if bit 1)
///   rest     the value
/// </code>
/// A varint is little-endian base 128 (LEB128) of at most 9 bytes. Expirations are rounded up to whole milliseconds.
/// </summary>
internal static class EntryFrame
{
    public const int MaxLength = 4 + 9 + 9;

    private const int MagicLength = 3;
    private const byte Version = 0x10;
    private const byte VersionMask = 0xF0;
    private const byte HasAbsolute = 0x01;
    private const byte HasSliding = 0x02;
    private const int MaxVarintLength = 9;

    private static ReadOnlySpan<byte> Magic => [0xF5, 0x50, 0x52];

    /// <summary>Writes the frame of an entry.</summary>
    /// <param name="expiration">The expiration to store.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Write(EntryExpiration expiration, Span<byte> destination)
    {
        Magic.CopyTo(destination);
        var length = MagicLength + 1;
        var flags = Version;
        if (expiration.AbsoluteTicks != EntryExpiration.None)
        {
            flags |= HasAbsolute;
            length += WriteVarint(EntryExpiration.MillisecondsRoundedUp(expiration.AbsoluteTicks - DateTimeOffset.UnixEpoch.Ticks), destination[length..]);
        }

        if (expiration.IsSliding)
        {
            flags |= HasSliding;
            length += WriteVarint(EntryExpiration.MillisecondsRoundedUp(expiration.SlidingTicks), destination[length..]);
        }

        destination[MagicLength] = flags;
        return length;
    }

    /// <summary>Reads the frame that <paramref name="entry"/> starts with.</summary>
    /// <returns>Whether it is one: anything else, a newer version included, is not ours to interpret.</returns>
    public static bool TryRead(ReadOnlySpan<byte> entry, out EntryExpiration expiration, out int length)
    {
        expiration = default;
        length = MagicLength + 1;
        if (entry.Length < length || !entry.StartsWith(Magic))
        {
            return false;
        }

        var flags = entry[MagicLength];
        if ((flags & VersionMask) != Version || (flags & ~(VersionMask | HasAbsolute | HasSliding)) != 0)
        {
            return false;
        }

        long absolute = EntryExpiration.None, sliding = EntryExpiration.None;
        if ((flags & HasAbsolute) != 0)
        {
            if (!TryReadVarint(entry, ref length, out absolute))
            {
                return false;
            }

            absolute = DateTimeOffset.UnixEpoch.Ticks + ToTicks(absolute, DateTimeOffset.MaxValue.Ticks - DateTimeOffset.UnixEpoch.Ticks);
        }

        if ((flags & HasSliding) != 0)
        {
            if (!TryReadVarint(entry, ref length, out sliding))
            {
                return false;
            }

            sliding = ToTicks(sliding, long.MaxValue);
        }

        return EntryExpiration.TryCreate(absolute, sliding, out expiration);
    }

    private static int WriteVarint(long value, Span<byte> destination)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            destination[length++] = (byte)(value | 0x80);
        }

        destination[length] = (byte)value;
        return length + 1;
    }

    private static bool TryReadVarint(ReadOnlySpan<byte> source, ref int offset, out long value)
    {
        value = 0;
        for (var i = 0; i < MaxVarintLength && offset < source.Length; i++)
        {
            var current = source[offset++];
            value |= (long)(current & 0x7F) << (7 * i);
            if (current < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    // Rounding up may have passed the last tick there is.
    private static long ToTicks(long milliseconds, long limit) =>
        milliseconds >= limit / TimeSpan.TicksPerMillisecond ? limit : milliseconds * TimeSpan.TicksPerMillisecond;
}
