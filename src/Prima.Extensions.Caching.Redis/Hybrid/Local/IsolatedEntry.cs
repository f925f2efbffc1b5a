using Microsoft.Extensions.Caching.Hybrid;

namespace Prima.Extensions.Caching.Redis.Hybrid.Local;

/// <summary>An entry that can be changed by who holds it: every reader gets an instance of its own.</summary>
internal sealed class IsolatedEntry<T>(ReadOnlyMemory<byte> bytes, IHybridCacheSerializer<T> serializer) : LocalEntry
{
    private string[]? _strings;

    public ReadOnlyMemory<byte> Bytes => bytes;

    public IHybridCacheSerializer<T> Serializer => serializer;

    /// <summary>The strings in the value, which the instances share.</summary>
    public string[]? Strings
    {
        get => _strings;
        set => _strings = value;
    }

    /// <summary>Whether the caller, and nobody else, is to find out which strings there are.</summary>
    public bool TryClaimStrings() => _strings is null && IsReadOften && Interlocked.CompareExchange(ref _strings, [], null) is null;
}
