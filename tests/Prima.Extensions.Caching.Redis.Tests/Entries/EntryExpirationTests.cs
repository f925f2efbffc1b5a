using System.Numerics;
using CsCheck;
using Microsoft.Extensions.Caching.Distributed;
using Prima.Extensions.Caching.Redis.Entries;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Entries;

public class EntryExpirationTests
{
    private static readonly DateTimeOffset Now = new(2026, 7, 14, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void From_NothingSet_NeverEnds()
    {
        var expiration = EntryExpiration.From(new(), Now);

        Assert.Equal(new EntryExpiration(-1, -1), expiration);
    }

    [Fact]
    public void From_RelativeAndAbsolute_RelativeWins()
    {
        var options = new DistributedCacheEntryOptions { AbsoluteExpiration = Now.AddHours(1), AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(2) };

        Assert.Equal(Now.AddHours(2).Ticks, EntryExpiration.From(options, Now).AbsoluteTicks);
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(2)]
    [InlineData(14)]
    public void From_AbsoluteOfAnotherOffset_IsInUtc(int hours)
    {
        var options = new DistributedCacheEntryOptions { AbsoluteExpiration = Now.AddHours(1).ToOffset(TimeSpan.FromHours(hours)) };

        Assert.Equal(Now.AddHours(1).Ticks, EntryExpiration.From(options, Now).AbsoluteTicks);
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(2)]
    public void From_RelativeAtATimeOfAnotherOffset_IsInUtc(int hours)
    {
        var options = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1) };

        Assert.Equal(Now.AddHours(1).Ticks, EntryExpiration.From(options, Now.ToOffset(TimeSpan.FromHours(hours))).AbsoluteTicks);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-TimeSpan.TicksPerDay)]
    public void From_AbsoluteNotInTheFuture_Throws(long ticks)
    {
        var options = new DistributedCacheEntryOptions { AbsoluteExpiration = Now.AddTicks(ticks) };

        Assert.Throws<ArgumentOutOfRangeException>("AbsoluteExpiration", () => EntryExpiration.From(options, Now));
    }

    [Fact]
    public void From_AbsoluteNotInTheFuture_ExceptionHasTheValue()
    {
        var options = new DistributedCacheEntryOptions { AbsoluteExpiration = Now.AddMinutes(-1) };

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => EntryExpiration.From(options, Now));

        Assert.Equal(options.AbsoluteExpiration, exception.ActualValue);
    }

    [Fact]
    public void From_AbsoluteNotInTheFutureBesideAValidRelative_Throws()
    {
        var options = new DistributedCacheEntryOptions { AbsoluteExpiration = Now, AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1) };

        Assert.Throws<ArgumentOutOfRangeException>("AbsoluteExpiration", () => EntryExpiration.From(options, Now));
    }

    [Fact]
    public void From_AbsoluteWhoseClockFaceIsLaterButWhoseTimeIsPast_Throws()
    {
        var options = new DistributedCacheEntryOptions { AbsoluteExpiration = Now.AddMinutes(-1).ToOffset(TimeSpan.FromHours(2)) };

        Assert.Throws<ArgumentOutOfRangeException>("AbsoluteExpiration", () => EntryExpiration.From(options, Now));
    }

    [Fact]
    public void From_LongestRelative_EndsWithTheCalendar()
    {
        var options = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.MaxValue };

        Assert.Equal(DateTimeOffset.MaxValue.Ticks, EntryExpiration.From(options, Now).AbsoluteTicks);
    }

    [Fact]
    public void From_LongestSliding_IsKept()
    {
        var options = new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.MaxValue };

        Assert.Equal(new EntryExpiration(EntryExpiration.None, long.MaxValue), EntryExpiration.From(options, Now));
    }

    [Fact]
    public void From_AnyValidOptions_AbsoluteIsThatOfTheModel() =>
        ExpirationGenerators.ValidOptions.Sample(
            (options, now) => EntryExpiration.From(options, now).AbsoluteTicks == (ExpirationModel.Absolute(options, now) ?? EntryExpiration.None),
            iter: 10_000);

    [Fact]
    public void TimeToLive_AnyValidOptions_IsThatOfTheModel() =>
        ExpirationGenerators.ValidOptions.Sample(
            (options, now) => EntryExpiration.From(options, now).TimeToLive(now) == (ExpirationModel.TimeToLive(options, now) ?? EntryExpiration.None),
            iter: 10_000);

    [Fact]
    public void TimeToLive_NeverEnding_IsNone() =>
        Assert.Equal(EntryExpiration.None, new EntryExpiration(EntryExpiration.None, EntryExpiration.None).TimeToLive(Now));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(9_999, 1)]
    [InlineData(10_000, 1)]
    [InlineData(10_001, 2)]
    [InlineData(5_000_000, 500)]
    [InlineData(19_000_000, 1_900)]
    public void TimeToLive_Sliding_IsRoundedUpToMilliseconds(long ticks, long milliseconds) =>
        Assert.Equal(milliseconds, new EntryExpiration(EntryExpiration.None, ticks).TimeToLive(Now));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(10_000, 1)]
    [InlineData(10_001, 2)]
    [InlineData(5_000_000, 500)]
    public void TimeToLive_Absolute_IsRoundedUpToMilliseconds(long ticks, long milliseconds) =>
        Assert.Equal(milliseconds, new EntryExpiration(Now.Ticks + ticks, EntryExpiration.None).TimeToLive(Now));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-TimeSpan.TicksPerDay)]
    public void TimeToLive_AbsoluteReached_IsOneMillisecond(long ticks) =>
        Assert.Equal(1, new EntryExpiration(Now.Ticks + ticks, EntryExpiration.None).TimeToLive(Now));

    [Theory]
    [InlineData(1_000, 2_000, 1_000)]
    [InlineData(2_000, 1_000, 1_000)]
    public void TimeToLive_AbsoluteAndSliding_IsTheNearer(int absolute, int sliding, long expected)
    {
        var expiration = new EntryExpiration(Now.AddMilliseconds(absolute).Ticks, TimeSpan.FromMilliseconds(sliding).Ticks);

        Assert.Equal(expected, expiration.TimeToLive(Now));
    }

    [Theory]
    [InlineData(EntryExpiration.None, long.MaxValue)]
    [InlineData(3_155_378_975_999_999_999, EntryExpiration.None)]
    [InlineData(3_155_378_975_999_999_999, long.MaxValue)]
    public void TimeToLive_LongestExpirations_StopBeforeYear9999(long absolute, long sliding)
    {
        var untilThen = (new DateTimeOffset(9999, 1, 1, 0, 0, 0, TimeSpan.Zero) - Now).TotalMilliseconds;

        Assert.Equal(untilThen, new EntryExpiration(absolute, sliding).TimeToLive(Now));
    }

    [Fact]
    public void TimeToLive_TimeOfAnotherOffset_IsTheSame()
    {
        var expiration = new EntryExpiration(Now.AddMinutes(1).Ticks, EntryExpiration.None);

        Assert.Equal(60_000, expiration.TimeToLive(Now.ToOffset(TimeSpan.FromHours(-5))));
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void IsPast_Absolute_IsFromThatTickOn(long ticksFromNow, bool expected) =>
        Assert.Equal(expected, new EntryExpiration(Now.Ticks + ticksFromNow, EntryExpiration.None).IsPast(Now));

    [Fact]
    public void IsPast_TimeOfAnotherOffset_ComparesUtc() =>
        Assert.False(new EntryExpiration(Now.AddMinutes(1).Ticks, EntryExpiration.None).IsPast(Now.ToOffset(TimeSpan.FromHours(2))));

    [Fact]
    public void IsPast_OnlySliding_IsNever() =>
        Assert.False(new EntryExpiration(EntryExpiration.None, 1).IsPast(DateTimeOffset.MaxValue));

    [Theory]
    [InlineData(EntryExpiration.None, EntryExpiration.None, true)]
    [InlineData(0, EntryExpiration.None, true)]
    [InlineData(3_155_378_975_999_999_999, EntryExpiration.None, true)]
    [InlineData(3_155_378_976_000_000_000, EntryExpiration.None, false)]
    [InlineData(long.MaxValue, EntryExpiration.None, false)]
    [InlineData(-2, EntryExpiration.None, false)]
    [InlineData(long.MinValue, EntryExpiration.None, false)]
    [InlineData(EntryExpiration.None, 1, true)]
    [InlineData(EntryExpiration.None, long.MaxValue, true)]
    [InlineData(EntryExpiration.None, 0, false)]
    [InlineData(EntryExpiration.None, -2, false)]
    [InlineData(EntryExpiration.None, long.MinValue, false)]
    public void TryCreate_Ticks_AreTakenIfTheyCanBeAnExpiration(long absolute, long sliding, bool expected) =>
        Assert.Equal(expected, EntryExpiration.TryCreate(absolute, sliding, out _));

    [Fact]
    public void TryCreate_ValidTicks_AreKept()
    {
        EntryExpiration.TryCreate(17, 4, out var expiration);

        Assert.Equal(new EntryExpiration(17, 4), expiration);
    }

    [Fact]
    public void MillisecondsRoundedUp_AnyTicks_IsTheCeiling() =>
        ExpirationGenerators.PositiveTicks.Sample(
            ticks => EntryExpiration.MillisecondsRoundedUp(ticks) == (BigInteger)decimal.Ceiling(ticks / 10_000m),
            iter: 10_000);
}
