using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Diagnostics;

namespace Prima.Extensions.Caching.Redis.Hybrid.Serialization;

/// <summary>Makes values of bytes. Bytes that are none are told to the log, and are as good as not there.</summary>
internal sealed class ValueReader(KeyRedaction redaction, ILogger logger)
{
    public bool TryRead<T>(string key, ReadOnlyMemory<byte> bytes, IHybridCacheSerializer<T> serializer, out T value)
    {
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
