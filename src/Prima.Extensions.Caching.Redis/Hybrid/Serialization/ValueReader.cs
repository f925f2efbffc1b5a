using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Diagnostics;

namespace Prima.Extensions.Caching.Redis.Hybrid.Serialization;

/// <summary>Makes values of bytes. Bytes that are none are told to the log, and are as good as not there.</summary>
internal sealed class ValueReader(KeyRedaction redaction, ILogger logger)
{
    public bool TryRead<T>(string key, ReadOnlyMemory<byte> bytes, IHybridCacheSerializer<T> serializer, out T value) =>
        TryRead(key, bytes, serializer, known: null, found: null, out value);

    /// <summary>Makes a value of bytes that may have been read before.</summary>
    /// <param name="key">Whose bytes they are.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="serializer">What reads them.</param>
    /// <param name="known">The strings that were found before, which the value is to have.</param>
    /// <param name="found">Takes the strings that are not known.</param>
    /// <param name="value">The value.</param>
    public bool TryRead<T>(string key, ReadOnlyMemory<byte> bytes, IHybridCacheSerializer<T> serializer, string[]? known, List<string>? found, out T value)
    {
        using var sharing = StringSharing.Begin(known, found);
        try
        {
            value = serializer.Deserialize(new(bytes));
            return true;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            HybridLog.DeserializationFailed(logger, redaction.Redact(key), typeof(T), fault.GetType().Name);
            value = default!;
            return false;
        }
    }
}
