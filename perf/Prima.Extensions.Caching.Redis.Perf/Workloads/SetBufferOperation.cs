using System.Buffers;
using Prima.Extensions.Caching.Redis.Perf.Rivals;

namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

/// <summary>The value lies in two segments, as what a serializer wrote into a pipe does.</summary>
internal sealed class SetBufferOperation : Operation
{
    public override string Name => "set from a buffer";

    public override Ability Needs => Ability.Buffers;

    public override async Task RunAsync(Rival rival, Caller caller, Expiry expiry)
    {
        var value = Segment.Split(caller.Value);
        while (caller.MoveNext())
        {
            await rival.SetAsync(caller.Key, value, expiry).ConfigureAwait(false);
        }
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public static ReadOnlySequence<byte> Split(byte[] value)
        {
            var half = value.Length / 2;
            var second = new Segment { Memory = value.AsMemory(half), RunningIndex = half };
            return new(new Segment { Memory = value.AsMemory(0, half), Next = second }, 0, second, value.Length - half);
        }
    }
}
