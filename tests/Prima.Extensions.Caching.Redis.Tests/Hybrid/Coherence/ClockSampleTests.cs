using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid.Coherence;

public class ClockSampleTests
{
    private static readonly TimeProvider Time = TimeProvider.System;
    private static readonly long Hour = Time.TimestampFrequency * 3600;

    [Fact]
    public void Sample_CountsOn_AndGetsWorse()
    {
        var sample = new ClockSample(0, 1000, 5);

        Assert.Equal(1000 + TimeSpan.TicksPerHour, sample.UtcTicksAt(Hour, Time));
        Assert.Equal(5 + (TimeSpan.TicksPerHour / 10_000), sample.ErrorAt(Hour, Time));
    }

    [Fact]
    public void BetterSample_HasTheSmallerError()
    {
        var exact = new ClockSample(0, 1000, 5);
        var rough = new ClockSample(0, 1050, 100);

        Assert.Equal(exact, ClockSample.Better(exact, rough, 0, Time));
        Assert.Equal(exact, ClockSample.Better(rough, exact, 0, Time));
        Assert.Equal(exact, ClockSample.Better(null, exact, 0, Time));
    }

    [Fact]
    public void OldSample_GivesWay()
    {
        var old = new ClockSample(0, 1000, 5);
        var young = new ClockSample(Hour, 1000 + TimeSpan.TicksPerHour, 100);

        Assert.Equal(young, ClockSample.Better(old, young, Hour, Time));
    }

    [Fact]
    public void SampleThatContradicts_WinsHoweverRoughItIs()
    {
        var before = new ClockSample(0, 1000, 5);
        var afterTheServersClockWasSet = new ClockSample(0, 1_000_000, 100);

        Assert.Equal(afterTheServersClockWasSet, ClockSample.Better(before, afterTheServersClockWasSet, 0, Time));
    }
}
