using CsCheck;
using Microsoft.Extensions.Caching.Distributed;
using Prima.Extensions.Caching.Redis.Entries;

namespace Prima.Extensions.Caching.Redis.Tests.Entries;

internal static class ExpirationGenerators
{
    private static readonly long Year2000 = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
    private static readonly long Year2200 = new DateTime(2200, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    /// <summary>1 to long.MaxValue, every order of magnitude as likely as the next.</summary>
    public static Gen<long> PositiveTicks { get; } =
        Gen.Select(Gen.Int[0, 62], Gen.Long[0, long.MaxValue]).Select((bits, random) => (1L << bits) | (random & ((1L << bits) - 1)));

    public static Gen<TimeSpan> Offset { get; } = Gen.Int[-14 * 60, 14 * 60].Select(minutes => TimeSpan.FromMinutes(minutes));

    public static Gen<DateTimeOffset> Now { get; } =
        Gen.Select(Gen.Long[Year2000, Year2200], Offset).Select((ticks, offset) => new DateTimeOffset(ticks, TimeSpan.Zero).ToOffset(offset));

    /// <summary>Options that are valid at the time that comes with them.</summary>
    public static Gen<(DistributedCacheEntryOptions Options, DateTimeOffset Now)> ValidOptions { get; } =
        from now in Now
        from absoluteIn in PositiveTicks.Nullable()
        from offset in Offset
        from relative in PositiveTicks.Nullable()
        from sliding in PositiveTicks.Nullable()
        select (
            new DistributedCacheEntryOptions
            {
                AbsoluteExpiration = absoluteIn is { } ticks ? Later(now, ticks).ToOffset(offset) : null,
                AbsoluteExpirationRelativeToNow = relative is { } relativeTicks ? TimeSpan.FromTicks(relativeTicks) : null,
                SlidingExpiration = sliding is { } slidingTicks ? TimeSpan.FromTicks(slidingTicks) : null,
            },
            now);

    /// <summary>Every expiration that an entry written since 1970 can have.</summary>
    public static Gen<EntryExpiration> Expiration { get; } =
        from absolute in Gen.Long[DateTimeOffset.UnixEpoch.Ticks + 1, DateTimeOffset.MaxValue.Ticks].Nullable()
        from sliding in PositiveTicks.Nullable()
        select new EntryExpiration(absolute ?? EntryExpiration.None, sliding ?? EntryExpiration.None);

    // A day less than the end of time, which not every offset can say.
    private static DateTimeOffset Later(DateTimeOffset now, long ticks) =>
        new(now.UtcTicks + Math.Min(ticks, DateTimeOffset.MaxValue.Ticks - now.UtcTicks - TimeSpan.TicksPerDay), TimeSpan.Zero);
}
