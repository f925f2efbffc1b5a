using Prima.Extensions.Caching.Redis.Hybrid.Payloads;
using Prima.Extensions.Caching.Redis.Hybrid.Tags;

namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>What a read of Redis came to.</summary>
/// <param name="IsFound">Whether there is an entry that can be used.</param>
/// <param name="Value">Its value.</param>
/// <param name="Header">Its payload's header.</param>
/// <param name="Tags">The stamps of its tags.</param>
/// <param name="Bytes">Its serialized value, where every reader needs a copy.</param>
/// <param name="Seen">How the payload began that cannot be used; empty = there was none.</param>
internal readonly record struct DistributedEntry<T>(bool IsFound, T? Value, PayloadHeader Header, TagVerdict Tags, ReadOnlyMemory<byte> Bytes, ReadOnlyMemory<byte> Seen)
{
    public static DistributedEntry<T> Missing(ReadOnlyMemory<byte> seen = default) => new(IsFound: false, default, default, default, default, seen);
}
