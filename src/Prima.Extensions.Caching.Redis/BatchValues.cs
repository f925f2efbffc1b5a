using System.Buffers;

namespace Prima.Extensions.Caching.Redis;

/// <summary>What a batch read, in pooled memory: outcomes and values, in the order asked.</summary>
/// <remarks>Not safe to dispose while another thread reads from it.</remarks>
public sealed class BatchValues : BatchResult<ReadOnlyMemory<byte>>, IDisposable
{
    // Blocks are this large, or as large as the value that needs more.
    private const int BlockLength = 1 << 17;

    private readonly List<byte[]> _blocks = [];
    private int _freeFrom = BlockLength;

    internal BatchValues(int capacity)
        : base(capacity)
    {
    }

    /// <summary>How much of a value is kept. What is longer is cut off: whoever sets this takes such a value for none.</summary>
    internal int LongestKept { get; init; } = int.MaxValue;

    /// <summary>Gives the memory of the values back.</summary>
    public void Dispose()
    {
        foreach (var block in _blocks)
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        _blocks.Clear();
        _freeFrom = BlockLength;
    }

    /// <summary>Copies <paramref name="value"/> into memory that lives until <see cref="Dispose"/>. Entries that are read singly come from several threads.</summary>
    internal ReadOnlyMemory<byte> Keep(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return default;
        }

        value = value[..Math.Min(value.Length, LongestKept)];

        Memory<byte> kept;
        lock (_blocks)
        {
            if (_blocks.Count == 0 || value.Length > _blocks[^1].Length - _freeFrom)
            {
                _blocks.Add(ArrayPool<byte>.Shared.Rent(Math.Max(BlockLength, value.Length)));
                _freeFrom = 0;
            }

            kept = _blocks[^1].AsMemory(_freeFrom, value.Length);
            _freeFrom += value.Length;
        }

        value.CopyTo(kept.Span);
        return kept;
    }
}
