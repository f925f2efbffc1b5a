using System.Globalization;

namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>What a server says of itself (https://redis.io/docs/latest/commands/info/).</summary>
/// <param name="UsedMemory">used_memory, bytes.</param>
/// <param name="EvictedKeys">evicted_keys, since the server's start.</param>
/// <param name="Hits">keyspace_hits, since the server's start.</param>
/// <param name="Misses">keyspace_misses, since the server's start.</param>
internal sealed record ServerSample(long? UsedMemory, long? EvictedKeys, long? Hits, long? Misses)
{
    /// <summary>Share of lookups that found a key; none before the first lookup.</summary>
    public double? HitRatio => Hits + Misses is > 0 and var lookups ? (double?)Hits / lookups : null;

    /// <summary>Reads the answer to INFO; what is missing or is no number is not known.</summary>
    public static ServerSample Parse(string info)
    {
        long? usedMemory = null, evictedKeys = null, hits = null, misses = null;
        foreach (var line in info.AsSpan().EnumerateLines())
        {
            var colon = line.IndexOf(':');
            if (colon > 0 && long.TryParse(line[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                switch (line[..colon])
                {
                    case "used_memory":
                        usedMemory = value;
                        break;
                    case "evicted_keys":
                        evictedKeys = value;
                        break;
                    case "keyspace_hits":
                        hits = value;
                        break;
                    case "keyspace_misses":
                        misses = value;
                        break;
                }
            }
        }

        return new(usedMemory, evictedKeys, hits, misses);
    }
}
