using System.Buffers;
using System.Diagnostics;
using System.Numerics;

namespace Prima.Extensions.Caching.Redis.Connections;

/// <summary>The memory of requests and replies that are under way.</summary>
/// <remarks>
/// A batch has a hundred messages of the same size under way at a time. The shared array pool keeps fewer than that, and what it has not kept is garbage.
/// This one keeps up to <see cref="KeptBytesPerSize"/> for each power of two, and their owners with them. Of what is larger it would keep too few:
/// that comes from the shared pool, which gives its memory back when there is little.
/// </remarks>
internal sealed class MessageBufferPool : MemoryPool<byte>
{
    private const int SmallestLength = 64;
    private const int LargestLength = 1 << 14;
    private const int KeptBytesPerSize = 1 << 20;

    public static readonly MessageBufferPool Instance = new();

    private readonly Size[] _sizes;

    private MessageBufferPool() =>
        _sizes = [.. Enumerable.Range(0, IndexOf(LargestLength) + 1).Select(static index => new Size(SmallestLength << index))];

    public override int MaxBufferSize => Array.MaxLength;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) =>
        minBufferSize > LargestLength ? Shared.Rent(minBufferSize) : _sizes[IndexOf(minBufferSize)].Rent();

    protected override void Dispose(bool disposing)
    {
        // It lives as long as the process.
    }

    private static int IndexOf(int length) =>
        length <= SmallestLength ? 0 : BitOperations.Log2((uint)length - 1) + 1 - BitOperations.Log2(SmallestLength);

    private sealed class Size(int length)
    {
        private readonly Stack<Buffer> _free = new();
        private readonly int _most = KeptBytesPerSize / length;

        public Buffer Rent()
        {
            Buffer? buffer;
            lock (_free)
            {
                _free.TryPop(out buffer);
            }

            buffer ??= new Buffer(this, new byte[length]);
            buffer.IsRented = true;
            return buffer;
        }

        public void Return(Buffer buffer)
        {
            lock (_free)
            {
                if (buffer.IsRented && _free.Count < _most)
                {
                    buffer.IsRented = false;
                    _free.Push(buffer);
                }
            }
        }
    }

    private sealed class Buffer(Size size, byte[] array) : IMemoryOwner<byte>
    {
        public bool IsRented { get; set; }

        public Memory<byte> Memory
        {
            get
            {
                Debug.Assert(IsRented, "A buffer is used after it was given back.");
                return array;
            }
        }

        public void Dispose() => size.Return(this);
    }
}
