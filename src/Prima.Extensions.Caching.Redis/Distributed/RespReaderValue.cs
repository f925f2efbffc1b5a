using RESPite.Messages;
using Prima.Extensions.Caching.Redis.Operations;

namespace Prima.Extensions.Caching.Redis.Distributed;

internal static class RespReaderValue
{
    /// <summary>The bytes of a scalar. A reply is captured into one buffer, so they are never in pieces unless the server streamed them.</summary>
    public static ReadOnlySpan<byte> Contiguous(this in RespReader reader) =>
        reader.TryGetSpan(out var span) ? span : throw new UnexpectedReplyException("Redis streamed a value; that is not supported.");
}
