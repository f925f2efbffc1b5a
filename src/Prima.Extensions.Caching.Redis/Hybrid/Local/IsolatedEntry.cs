using Microsoft.Extensions.Caching.Hybrid;

namespace Prima.Extensions.Caching.Redis.Hybrid.Local;

/// <summary>An entry that can be changed by who holds it: every reader gets an instance of its own.</summary>
internal sealed class IsolatedEntry<T>(ReadOnlyMemory<byte> bytes, IHybridCacheSerializer<T> serializer) : LocalEntry
{
    public ReadOnlyMemory<byte> Bytes => bytes;

    public IHybridCacheSerializer<T> Serializer => serializer;

    /// <summary>The strings in the value, which the instances share; <see langword="null"/> = not known yet.</summary>
    public string[]? Strings { get; set; }
}
