using System.Numerics;
using Microsoft.Extensions.Caching.Distributed;

namespace Prima.Extensions.Caching.Redis.Tests.Entries;

/// <summary>The expiration rules once more, in arithmetic that neither overflows nor rounds, and with no thought of speed.</summary>
internal static class ExpirationModel
{
    private static readonly BigInteger LastTick = DateTime.MaxValue.Ticks;
    private static readonly BigInteger StartOfYear9999 = new DateTime(9999, 1, 1).Ticks;

    public static BigInteger? Absolute(DistributedCacheEntryOptions options, DateTimeOffset now)
    {
        if (options.AbsoluteExpirationRelativeToNow is { } relative)
        {
            return BigInteger.Min(UtcTicks(now) + relative.Ticks, LastTick);
        }

        return options.AbsoluteExpiration is { } absolute ? UtcTicks(absolute) : null;
    }

    public static BigInteger? TimeToLive(DistributedCacheEntryOptions options, DateTimeOffset now)
    {
        var lifetimes = new List<BigInteger>();
        if (Absolute(options, now) is { } absolute)
        {
            lifetimes.Add(absolute - UtcTicks(now));
        }

        if (options.SlidingExpiration is { } sliding)
        {
            lifetimes.Add(sliding.Ticks);
        }

        if (lifetimes.Count == 0)
        {
            return null;
        }

        // No TTL reaches into year 9999, whose end some servers cannot count past.
        lifetimes.Add(StartOfYear9999 - UtcTicks(now));
        var milliseconds = decimal.Ceiling((decimal)lifetimes.Min() / 10_000m);
        return new BigInteger(Math.Max(1m, milliseconds));
    }

    // By hand from what is on the clock's face, and not through UtcTicks, which is what is tested.
    private static BigInteger UtcTicks(DateTimeOffset value) => new BigInteger(value.DateTime.Ticks) - value.Offset.Ticks;
}
