namespace Clinic.Statistics;

/// <summary>Counts hits and misses, and remembers how long the last reads took. No locks: a read pays for two interlocked additions.</summary>
internal sealed class ReadStatistics
{
    private const int Capacity = 64;
    private const int SourceBits = 1;

    // A ring. One sample is one number, so that it is never seen half written: microseconds, then one bit for the source. 0 = not used yet.
    private readonly long[] _ring = new long[Capacity];
    private long _written;
    private long _hits;
    private long _misses;

    public long Hits => Interlocked.Read(ref _hits);

    public long Misses => Interlocked.Read(ref _misses);

    public void Record(ReadSource source, TimeSpan elapsed)
    {
        Interlocked.Increment(ref source == ReadSource.Cache ? ref _hits : ref _misses);
        long microseconds = Math.Max(1, (long)elapsed.TotalMicroseconds);
        long place = Interlocked.Increment(ref _written) - 1;
        Volatile.Write(ref _ring[place % Capacity], (microseconds << SourceBits) | (long)source);
    }

    /// <summary>The last reads, oldest first.</summary>
    public IReadOnlyList<ReadSample> Recent()
    {
        long end = Interlocked.Read(ref _written);
        var samples = new List<ReadSample>(Capacity);
        for (long place = Math.Max(0, end - Capacity); place < end; place++)
        {
            long sample = Volatile.Read(ref _ring[place % Capacity]);
            if (sample != 0)
            {
                samples.Add(new ReadSample((ReadSource)(sample & 1), (sample >> SourceBits) / 1000.0));
            }
        }

        return samples;
    }
}
