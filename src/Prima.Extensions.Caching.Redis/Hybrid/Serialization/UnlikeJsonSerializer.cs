using System.Buffers;
using MessagePack;
using Microsoft.Extensions.Caching.Hybrid;

namespace Prima.Extensions.Caching.Redis.Hybrid.Serialization;

/// <summary>MessagePack that no JSON can be taken for, nor the other way round, although the payload does not say what it is.</summary>
/// <remarks>
/// A JSON text begins with a byte below 0x80. In MessagePack such a byte is a whole number from 0 to 127, and that alone is the whole value. Such a number is written in
/// the longer form of two bytes instead, which every MessagePack reads; so what begins below 0x80 was not written here.
/// </remarks>
internal sealed class UnlikeJsonSerializer<T>(IHybridCacheSerializer<T> serializer) : IHybridCacheSerializer<T>
{
    private const byte FirstOfNoJson = 0x80;

    public T Deserialize(ReadOnlySequence<byte> source) =>
        source.FirstSpan is [>= FirstOfNoJson, ..]
            ? serializer.Deserialize(source)
            : throw new MessagePackSerializationException("The value was written by another serializer.");

    public void Serialize(T value, IBufferWriter<byte> target)
    {
        var writer = new NumberWriter(target);
        serializer.Serialize(value, writer);
    }

    /// <summary>Passes on what is written, with the code of a one-byte number in front where that is how it begins.</summary>
    private sealed class NumberWriter(IBufferWriter<byte> target) : IBufferWriter<byte>
    {
        private bool _hasBegun;
        private Memory<byte> _lent;

        public void Advance(int count)
        {
            if (!_hasBegun && count > 0)
            {
                _hasBegun = true;
                if (_lent.Span[0] < FirstOfNoJson)
                {
                    // Only a value of one byte begins so.
                    var number = _lent.Span[0];
                    target.GetSpan(2)[0] = MessagePackCode.UInt8;
                    target.GetSpan(2)[1] = number;
                    count++;
                }
            }

            target.Advance(count);
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => _lent = target.GetMemory(sizeHint + 1);

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
