namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>What a server says of itself (https://redis.io/docs/latest/commands/info/).</summary>
/// <param name="UsedMemory">used_memory, bytes.</param>
/// <param name="EvictedKeys">evicted_keys, since the server's start.</param>
/// <param name="Hits">keyspace_hits, since the server's start.</param>
/// <param name="Misses">keyspace_misses, since the server's start.</param>
internal sealed record ServerSample(long UsedMemory, long EvictedKeys, long Hits, long Misses)
{
    /// <summary>Share of lookups that found a key; none before the first lookup.</summary>
    public double? HitRatio => Hits + Misses == 0 ? null : (double)Hits / (Hits + Misses);

    /// <summary>Reads the answer to INFO; what is missing or is no number counts as zero.</summary>
    public static ServerSample Parse(string info)
    {
        long usedMemory = 0, evictedKeys = 0, hits = 0, misses = 0;
        foreach (var line in info.AsSpan().EnumerateLines())
        {
            var colon = line.IndexOf(':');
            if (colon > 0 && long.TryParse(line[(colon + 1)..], out var value))
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
