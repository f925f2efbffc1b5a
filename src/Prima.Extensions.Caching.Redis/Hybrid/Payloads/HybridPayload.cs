using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Prima.Extensions.Caching.Redis.Hybrid.Payloads;

/// <summary>
/// The payload of an entry in L2, as Microsoft.Extensions.Caching.Hybrid has it:
/// <code>
///   2 bytes  03 01         sentinel and version; version 2 (03 02) is read as well
///   2 bytes                entropy
///   8 bytes                creation time: UTC ticks, little-endian
///   varint                 flags; bit 0 = a local size follows the duration (version 2)
///   varint                 length of the value
///   varint                 duration from the creation time: ticks
///   varint                 local size (if bit 0 of the flags)
///   varint                 number of tags
///   varint, UTF-8          key
///   varint, UTF-8          each tag
///   rest                   the value
///   2 bytes                sentinel and version again; nothing follows
/// </code>
/// A varint is little-endian base 128 of at most 10 bytes.
/// </summary>
internal static class HybridPayload
{
    /// <summary>The most that key and tags may take; a payload with more is not written, and not read.</summary>
    public const int MaximumNames = 64 * 1024;

    /// <summary>What a payload begins with and no other does: up to its creation time.</summary>
    public const int FixedLength = 12;

    private const int TrailerLength = 2;
    private const int MaximumTags = 1024;
    private const ushort Version1 = 0x0103;
    private const ushort Version2 = 0x0203;
    private const ulong HasLocalSize = 1;

    /// <summary>The most that a header takes in front of a value.</summary>
    public static int MaximumHeaderLength(string key, string[] tags)
    {
        var length = (long)FixedLength + (4 * Varint.MaximumLength) + Varint.MaximumLength + Encoding.UTF8.GetMaxByteCount(key.Length);
        foreach (var tag in tags)
        {
            length += Varint.MaximumLength + Encoding.UTF8.GetMaxByteCount(tag.Length);
        }

        return (int)Math.Min(length, int.MaxValue);
    }

    /// <summary>Whether key and tags are few and short enough to be written.</summary>
    public static bool NamesFit(string key, string[] tags) =>
        tags.Length <= MaximumTags && (long)Encoding.UTF8.GetByteCount(key) + tags.Sum(static tag => (long)Encoding.UTF8.GetByteCount(tag)) <= MaximumNames / 2;

    /// <summary>Writes what stands in front of a value of <paramref name="length"/> bytes.</summary>
    /// <returns>How many bytes were written.</returns>
    public static int WriteHeader(Span<byte> destination, string key, string[] tags, long created, long duration, ushort entropy, int length)
    {
        WriteBeginning(destination, created, entropy);
        var at = FixedLength;
        at += Varint.Write(0, destination[at..]);
        at += Varint.Write((ulong)length, destination[at..]);
        at += Varint.Write((ulong)Math.Max(duration, 0), destination[at..]);
        at += Varint.Write((ulong)tags.Length, destination[at..]);
        at += WriteText(key, destination[at..]);
        foreach (var tag in tags)
        {
            at += WriteText(tag, destination[at..]);
        }

        return at;
    }

    /// <summary>Writes the first <see cref="FixedLength"/> bytes.</summary>
    public static void WriteBeginning(Span<byte> destination, long created, ushort entropy)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(destination, Version1);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], entropy);
        BinaryPrimitives.WriteInt64LittleEndian(destination[4..], created);
    }

    /// <summary>Writes what follows the value.</summary>
    public static int WriteTrailer(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(destination, Version1);
        return TrailerLength;
    }

    /// <summary>Reads the header of <paramref name="source"/>, whoever wrote it. Lengths in it are believed only as far as there are bytes.</summary>
    public static PayloadVerdict TryRead(ReadOnlySpan<byte> source, string key, out PayloadHeader header)
    {
        header = default;
        if (source.Length < FixedLength)
        {
            return PayloadVerdict.NotRecognized;
        }

        var version = BinaryPrimitives.ReadUInt16LittleEndian(source);
        if (version is not (Version1 or Version2))
        {
            return PayloadVerdict.NotRecognized;
        }

        var created = BinaryPrimitives.ReadInt64LittleEndian(source[4..]);
        var rest = source[FixedLength..];
        if (created < 0 || created > DateTime.MaxValue.Ticks
            || !Varint.TryRead(ref rest, out var flags)
            || !Varint.TryRead(ref rest, out var length)
            || !Varint.TryRead(ref rest, out var duration) || duration > long.MaxValue
            || ((flags & HasLocalSize) != 0 && !Varint.TryRead(ref rest, out _))
            || !Varint.TryRead(ref rest, out var tagCount) || tagCount > MaximumTags
            || !TryReadText(ref rest, out var keyBytes))
        {
            return PayloadVerdict.Malformed;
        }

        if (!IsKey(keyBytes, key))
        {
            return PayloadVerdict.OtherKey;
        }

        if (!TryReadTags(ref rest, (int)tagCount, out var tags)
            || rest.Length < TrailerLength || (ulong)(rest.Length - TrailerLength) != length
            || BinaryPrimitives.ReadUInt16LittleEndian(rest[^TrailerLength..]) != version)
        {
            return PayloadVerdict.Malformed;
        }

        header = new(created, (long)duration, BinaryPrimitives.ReadUInt16LittleEndian(source[2..]), tags, source.Length - rest.Length, (int)length);
        return PayloadVerdict.Valid;
    }

    private static int WriteText(string text, Span<byte> destination)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var at = Varint.Write((ulong)length, destination);
        return at + Encoding.UTF8.GetBytes(text, destination[at..]);
    }

    private static bool TryReadText(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!Varint.TryRead(ref rest, out var length) || length > (ulong)rest.Length || length > MaximumNames)
        {
            return false;
        }

        text = rest[..(int)length];
        rest = rest[(int)length..];
        return true;
    }

    private static bool TryReadTags(ref ReadOnlySpan<byte> rest, int count, out string[] tags)
    {
        tags = [];
        if (count == 0)
        {
            return true;
        }

        // Each takes a byte at least: what cannot be there makes no array.
        if (count > rest.Length)
        {
            return false;
        }

        tags = new string[count];
        var end = rest.Length - MaximumNames;
        for (var i = 0; i < count; i++)
        {
            if (!TryReadText(ref rest, out var tag) || rest.Length < end)
            {
                return false;
            }

            tags[i] = Encoding.UTF8.GetString(tag);
        }

        return true;
    }

    private static bool IsKey(ReadOnlySpan<byte> bytes, string key)
    {
        if (bytes.Length > Encoding.UTF8.GetMaxByteCount(key.Length))
        {
            return false;
        }

        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(key.Length));
        var isKey = bytes.SequenceEqual(rented.AsSpan(0, Encoding.UTF8.GetBytes(key, rented)));
        ArrayPool<byte>.Shared.Return(rented);
        return isKey;
    }
}
