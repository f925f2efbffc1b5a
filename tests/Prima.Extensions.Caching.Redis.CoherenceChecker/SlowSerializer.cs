using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Extensions.Caching.Hybrid;

namespace Prima.Extensions.Caching.Redis.CoherenceChecker;

/// <summary>Takes its time now and then, as with a large value: between a read of Redis and its entry into the L1 anything can happen.</summary>
internal sealed class SlowSerializer(int oneIn) : IHybridCacheSerializer<long>
{
    private const int Slowest = 300;

    private static readonly ManualResetEventSlim Never = new();

    public long Deserialize(ReadOnlySequence<byte> source)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        source.CopyTo(bytes);
        if (Random.Shared.Next(oneIn) == 0)
        {
            Never.Wait(Random.Shared.Next(Slowest));
        }

        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    public void Serialize(long value, IBufferWriter<byte> target)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target.GetSpan(sizeof(long)), value);
        target.Advance(sizeof(long));
    }
}
