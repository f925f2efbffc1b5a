using System.Buffers.Binary;
using System.Text;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>
/// What nodes tell each other over the channel:
/// <code>
///  1 byte   version, 1
///  1 byte   kind: 1 = beat, 2 = keys, 3 = tag, 4 = farewell
/// 16 bytes  sender
///  8 bytes  sequence, little endian: of keys and tag their own number, of beat and farewell that of the sender's last keys or tag
/// keys:     one after the other, 4 bytes length (little endian) and UTF-8
/// tag:      8 bytes stamp (UTC ticks, little endian), then UTF-8
/// beat:     8 bytes that only the sender understands
/// </code>
/// </summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Sender">The node that sent it.</param>
/// <param name="Sequence">Its number, or that of the last that has one.</param>
/// <param name="Stamp">The stamp of a tag, or the mark of a beat.</param>
/// <param name="Names">The keys, or the tag.</param>
internal readonly record struct NodeMessage(NodeMessage.Kinds Kind, Guid Sender, long Sequence, long Stamp, IReadOnlyList<string> Names)
{
    /// <summary>More keys than fit are several messages.</summary>
    public const int LargestLength = 64 * 1024;

    private const byte Version = 1;
    private const int SenderOffset = 2;
    private const int SequenceOffset = SenderOffset + 16;
    private const int HeaderLength = SequenceOffset + sizeof(long);

    // Refuses what is no UTF-8, instead of making another key of it.
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public enum Kinds : byte
    {
        Beat = 1,
        Keys = 2,
        Tag = 3,
        Farewell = 4,
    }

    /// <summary>A message without names.</summary>
    public static byte[] Write(Kinds kind, Guid sender, long sequence, long stamp)
    {
        var message = Header(kind, sender, sequence, sizeof(long));
        BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(HeaderLength), stamp);
        return message;
    }

    public static byte[] WriteTag(Guid sender, long sequence, string tag, long stamp)
    {
        var message = Header(Kinds.Tag, sender, sequence, sizeof(long) + Encoding.UTF8.GetByteCount(tag));
        BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(HeaderLength), stamp);
        Encoding.UTF8.GetBytes(tag, message.AsSpan(HeaderLength + sizeof(long)));
        return message;
    }

    /// <summary>As many of <paramref name="keys"/> from <paramref name="first"/> on as fit, at least one; <paramref name="first"/> becomes the first that did not.</summary>
    public static byte[] WriteKeys(Guid sender, long sequence, IReadOnlyList<string> keys, ref int first)
    {
        var length = 0;
        var end = first;
        for (; end < keys.Count; end++)
        {
            var next = length + sizeof(int) + Encoding.UTF8.GetByteCount(keys[end]);
            if (end > first && HeaderLength + next > LargestLength)
            {
                break;
            }

            length = next;
        }

        var message = Header(Kinds.Keys, sender, sequence, length);
        var rest = message.AsSpan(HeaderLength);
        for (; first < end; first++)
        {
            var written = Encoding.UTF8.GetBytes(keys[first], rest[sizeof(int)..]);
            BinaryPrimitives.WriteInt32LittleEndian(rest, written);
            rest = rest[(sizeof(int) + written)..];
        }

        return message;
    }

    /// <summary>Reads what came over the channel, which may be anything.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out NodeMessage message)
    {
        message = default;
        if (bytes.Length < HeaderLength || bytes[0] != Version || !Enum.IsDefined((Kinds)bytes[1]))
        {
            return false;
        }

        var kind = (Kinds)bytes[1];
        var sender = new Guid(bytes[SenderOffset..SequenceOffset]);
        var sequence = BinaryPrimitives.ReadInt64LittleEndian(bytes[SequenceOffset..]);
        var rest = bytes[HeaderLength..];
        if (sequence < 0 || !TryRead(kind, rest, out var stamp, out var names))
        {
            return false;
        }

        message = new(kind, sender, sequence, stamp, names);
        return true;
    }

    private static bool TryRead(Kinds kind, ReadOnlySpan<byte> rest, out long stamp, out IReadOnlyList<string> names)
    {
        stamp = 0;
        names = [];
        try
        {
            if (kind == Kinds.Keys)
            {
                return TryReadKeys(rest, out names);
            }

            if (!BinaryPrimitives.TryReadInt64LittleEndian(rest, out stamp))
            {
                return false;
            }

            if (kind == Kinds.Tag)
            {
                names = [Strict.GetString(rest[sizeof(long)..])];
            }

            return kind == Kinds.Tag || rest.Length == sizeof(long);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static bool TryReadKeys(ReadOnlySpan<byte> rest, out IReadOnlyList<string> names)
    {
        var keys = new List<string>();
        names = keys;
        while (BinaryPrimitives.TryReadInt32LittleEndian(rest, out var length))
        {
            rest = rest[sizeof(int)..];
            if (length < 0 || length > rest.Length)
            {
                return false;
            }

            keys.Add(Strict.GetString(rest[..length]));
            rest = rest[length..];
        }

        return rest.IsEmpty && keys.Count > 0;
    }

    private static byte[] Header(Kinds kind, Guid sender, long sequence, int bodyLength)
    {
        var message = new byte[HeaderLength + bodyLength];
        message[0] = Version;
        message[1] = (byte)kind;
        sender.TryWriteBytes(message.AsSpan(SenderOffset));
        BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(SequenceOffset), sequence);
        return message;
    }
}
