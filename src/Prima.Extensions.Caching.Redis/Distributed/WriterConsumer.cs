using System.Buffers;

namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>TryGet: the value into the caller's buffer, <see langword="false"/> for a miss.</summary>
internal readonly struct WriterConsumer(IBufferWriter<byte> destination) : IEntryConsumer<bool>
{
    public static string OperationName => "get";

    public static bool NeedsValue => true;

    public bool Miss => false;

    public bool Take(ReadOnlySpan<byte> value)
    {
        destination.Write(value);
        return true;
    }
}
