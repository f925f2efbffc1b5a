using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Distributed;

namespace Prima.Extensions.Caching.Redis.Entries;

/// <summary>When an entry ends: at a point in time, after a time without reads, both, or never.</summary>
/// <param name="AbsoluteTicks">UTC ticks, or <see cref="None"/>.</param>
/// <param name="SlidingTicks">Ticks, or <see cref="None"/>.</param>
internal readonly record struct EntryExpiration(long AbsoluteTicks, long SlidingTicks)
{
    public const long None = -1;

    // A server adds the TTL to its own clock; past year 9999 some refuse. The last year is left for clocks that differ, and for rounding up.
    private static readonly long FarthestTicks = new DateTimeOffset(9999, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;

    public bool IsSliding => SlidingTicks != None;

    /// <summary>The expiration that <paramref name="options"/> ask for; a relative one wins over an absolute one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The absolute expiration is not in the future.</exception>
    public static EntryExpiration From(DistributedCacheEntryOptions options, DateTimeOffset now)
    {
        if (Check(options, now) is { } wrong)
        {
            throw wrong;
        }

        var absolute = options.AbsoluteExpirationRelativeToNow is { } relative
            ? now.UtcTicks + Math.Min(relative.Ticks, DateTimeOffset.MaxValue.UtcTicks - now.UtcTicks)
            : options.AbsoluteExpiration?.UtcTicks ?? None;
        return new(absolute, options.SlidingExpiration?.Ticks ?? None);
    }

    /// <summary>What is wrong with <paramref name="options"/>, if anything.</summary>
    [SuppressMessage("Usage", "CA2208:Instantiate argument exceptions correctly", Justification = "Named after the property, as in Microsoft's provider.")]
    public static ArgumentOutOfRangeException? Check(DistributedCacheEntryOptions options, DateTimeOffset now) => options.AbsoluteExpiration <= now
        ? new(nameof(DistributedCacheEntryOptions.AbsoluteExpiration), options.AbsoluteExpiration.Value, "The absolute expiration value must be in the future.")
        : null;

    /// <summary>What a layout stored, if it can be an expiration at all.</summary>
    public static bool TryCreate(long absoluteTicks, long slidingTicks, out EntryExpiration expiration)
    {
        expiration = new(absoluteTicks, slidingTicks);
        return absoluteTicks is None or >= 0 && absoluteTicks <= DateTimeOffset.MaxValue.UtcTicks && slidingTicks is None or > 0;
    }

    /// <summary>Whether the absolute expiration has passed. Redis normally sees to it; this holds where the key lost its TTL.</summary>
    public bool IsPast(DateTimeOffset now) => AbsoluteTicks != None && AbsoluteTicks <= now.UtcTicks;

    /// <summary>The TTL that the key must have from <paramref name="now"/> on: the nearer of both ends, rounded up to whole milliseconds, at least one.</summary>
    /// <returns>Milliseconds, or <see cref="None"/> for an entry that never ends.</returns>
    public long TimeToLive(DateTimeOffset now)
    {
        if (this is { AbsoluteTicks: None, SlidingTicks: None })
        {
            return None;
        }

        var untilAbsolute = (AbsoluteTicks == None ? FarthestTicks : Math.Min(AbsoluteTicks, FarthestTicks)) - now.UtcTicks;
        var ticks = IsSliding ? Math.Min(SlidingTicks, untilAbsolute) : untilAbsolute;
        return Math.Max(1, MillisecondsRoundedUp(ticks));
    }

    public static long MillisecondsRoundedUp(long ticks) =>
        (ticks / TimeSpan.TicksPerMillisecond) + (ticks % TimeSpan.TicksPerMillisecond > 0 ? 1 : 0);
}
