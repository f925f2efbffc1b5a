using Prima.Extensions.Caching.Redis.Hybrid.Local;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid.Local;

public class FadingCountTests
{
    private readonly FadingCount _uses = new();

    [Fact]
    public void Raise_AtTheSameTime_Counts() => Assert.Equal(3, Math.Pow(2, _uses.Raise(_uses.RankOfOne, 2)), 9);

    [Fact]
    public void Raise_AfterAHalving_CountsWhatWasBeforeHalf()
    {
        var eight = _uses.Raise(_uses.RankOfOne, 7);

        _uses.Fade(1);

        // Four are left of the eight.
        Assert.Equal(5, Math.Pow(2, _uses.Raise(eight, 1) - _uses.RankOfOne), 9);
    }

    [Fact]
    public void Raise_LongAfter_IsOne()
    {
        var many = _uses.Raise(_uses.RankOfOne, 1_000_000);

        _uses.Fade(1e9);

        Assert.Equal(_uses.RankOfOne, _uses.Raise(many, 1), 9);
    }
}
