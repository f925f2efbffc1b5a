using System.Buffers;

namespace Prima.Extensions.Caching.Redis.Hybrid.Payloads;

/// <summary>Rented memory for one payload, on its way to Redis or from there, that never grows past a limit.</summary>
/// <remarks>Its owner gives the memory back by <see cref="Dispose"/>, once nobody writes to it or reads from it any more.</remarks>
internal sealed class PayloadBuffer : IBufferWriter<byte>, IDisposable
{
    private const int SmallestLength = 1024;

    private readonly int _limit;
    private readonly int _reserved;
    private byte[] _bytes;
    private int _end;

    /// <param name="limit">How many bytes may be written.</param>
    /// <param name="reserved">How many more there are room for in front, and the same again behind.</param>
    /// <param name="expected">About how many bytes will be written.</param>
    public PayloadBuffer(int limit, int reserved = 0, int expected = 0)
    {
        _limit = limit;
        _reserved = reserved;
        _bytes = ArrayPool<byte>.Shared.Rent(Math.Max(SmallestLength, expected + (2 * reserved)));
        _end = reserved;
    }

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(_reserved, _end - _reserved);

    public int Length => _end - _reserved;

    /// <summary>Whether more was to be written than the limit allows.</summary>
    public bool HasRefused { get; private set; }

    public void Advance(int count)
    {
        if (Length + count > _limit)
        {
            throw TooLarge();
        }

        _end += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _bytes.AsMemory(_end);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _bytes.AsSpan(_end);
    }

    /// <summary>Puts the header before what was written, and the trailer behind it.</summary>
    /// <returns>The whole payload.</returns>
    public ReadOnlyMemory<byte> Frame(string key, string[] tags, long created, long duration, ushort entropy)
    {
        // The header's length is only known once it is written, so it is written behind the value first.
        Grow(2 * _reserved);
        var length = HybridPayload.WriteHeader(_bytes.AsSpan(_end), key, tags, created, duration, entropy, Length);
        var start = _reserved - length;
        _bytes.AsSpan(_end, length).CopyTo(_bytes.AsSpan(start));
        return _bytes.AsMemory(start, _end + HybridPayload.WriteTrailer(_bytes.AsSpan(_end)) - start);
    }

    public void Dispose()
    {
        var bytes = _bytes;
        _bytes = [];
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private void Grow(int sizeHint)
    {
        // A serializer may ask for more than it needs; only what it says it has written counts against the limit, but a buffer of twice the limit is enough for any.
        var needed = Math.Max(sizeHint, 1);
        if (_bytes.Length - _end >= needed)
        {
            return;
        }

        if (Length + (long)needed > (2L * _limit) + (4L * _reserved) + SmallestLength)
        {
            throw TooLarge();
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_end + needed, (int)Math.Min(2L * _bytes.Length, Array.MaxLength)));
        _bytes.AsSpan(0, _end).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }

    private PayloadTooLargeException TooLarge()
    {
        HasRefused = true;
        return new(_limit);
    }
}
