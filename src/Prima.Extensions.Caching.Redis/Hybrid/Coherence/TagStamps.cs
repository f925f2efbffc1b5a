using System.Buffers.Binary;
using Prima.Extensions.Caching.Redis.Connections;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>Reads when a tag was removed: eight bytes of UTC ticks, little endian, as Microsoft's HybridCache writes them.</summary>
/// <remarks>Until it is read, entries with the tag are still answered: so a proof does not wait longer for it than for anything else, and a flood of removals is not answered with one of reads.</remarks>
internal sealed class TagStamps(PrimaRedisCache cache, RedisClock clock)
{
    private const int MostReads = 1000;

    private int _reads;

    /// <summary>The stamp; now, where it cannot be read: then it was changed a moment ago, and to what is not known.</summary>
    public async ValueTask<long> ReadAsync(string tag)
    {
        try
        {
            if (Interlocked.Increment(ref _reads) > MostReads)
            {
                return clock.LatestUtcTicks;
            }

            var reading = cache.GetAsync(AnnouncedKey.TagStampPrefix + tag);
            reading.Ignore();
            var stamp = await reading.WaitAsync(ArmedTime.ProbeTimeout).ConfigureAwait(false);
            return stamp is { Length: sizeof(long) } ? BinaryPrimitives.ReadInt64LittleEndian(stamp) : clock.LatestUtcTicks;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            return clock.LatestUtcTicks;
        }
        finally
        {
            Interlocked.Decrement(ref _reads);
        }
    }
}
