using System.Buffers.Binary;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>Reads when a tag was removed: eight bytes of UTC ticks, little endian, as Microsoft's HybridCache writes them.</summary>
internal sealed class TagStamps(PrimaRedisCache cache, RedisClock clock)
{
    /// <summary>The stamp; now, where it cannot be read: then it was changed a moment ago, and to what is not known.</summary>
    public async ValueTask<long> ReadAsync(string tag)
    {
        try
        {
            var stamp = await cache.GetAsync(AnnouncedKey.TagStampPrefix + tag).ConfigureAwait(false);
            return stamp is { Length: sizeof(long) } ? BinaryPrimitives.ReadInt64LittleEndian(stamp) : clock.LatestUtcTicks;
        }
        catch (Exception fault) when (fault is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException)
        {
            return clock.LatestUtcTicks;
        }
    }
}
