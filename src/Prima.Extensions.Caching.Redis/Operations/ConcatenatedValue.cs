using System.Buffers;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>Presents a short frame and a payload as one sequence, without copying the payload.</summary>
internal sealed class ConcatenatedValue
{
    private readonly byte[] _frame = new byte[32];
    private readonly List<Segment> _segments = [new Segment()];
    private int _used;

    public ReadOnlySequence<byte> Join(ReadOnlySpan<byte> frame, ReadOnlySequence<byte> payload)
    {
        frame.CopyTo(_frame);
        var last = _segments[0].Set(_frame.AsMemory(0, frame.Length), 0);
        _used = 1;
        foreach (var memory in payload)
        {
            if (_used == _segments.Count)
            {
                _segments.Add(new Segment());
            }

            last = last.Append(_segments[_used++], memory);
        }

        return new ReadOnlySequence<byte>(_segments[0], 0, last, last.Memory.Length);
    }

    public void Clear()
    {
        for (var i = 0; i < _used; i++)
        {
            _segments[i].Set(default, 0);
        }

        _used = 0;
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment Set(ReadOnlyMemory<byte> memory, long runningIndex)
        {
            Memory = memory;
            RunningIndex = runningIndex;
            Next = null;
            return this;
        }

        public Segment Append(Segment next, ReadOnlyMemory<byte> memory)
        {
            Next = next;
            return next.Set(memory, RunningIndex + Memory.Length);
        }
    }
}
