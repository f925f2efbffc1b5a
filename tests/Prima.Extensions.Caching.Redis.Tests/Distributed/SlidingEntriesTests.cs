using Microsoft.Extensions.Time.Testing;
using Prima.Extensions.Caching.Redis.Distributed;
using Prima.Extensions.Caching.Redis.Entries;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Distributed;

public sealed class SlidingEntriesTests
{
    private static readonly EntryExpiration TwentyMinutes = Sliding(TimeSpan.FromMinutes(20));

    private readonly FakeTimeProvider _time = new();
    private readonly SlidingEntries _entries;

    public SlidingEntriesTests() => _entries = new(_time);

    [Theory]
    [InlineData(20 * 60 * 1000, 1000)]
    [InlineData(100 * 1000, 1000)]
    [InlineData(10 * 1000, 100)]
    [InlineData(500, 5)]
    public void IsDue_SameEntryAgain_IsAfterAHundredthAndAtMostASecond(int slidingMilliseconds, int pauseMilliseconds)
    {
        var expiration = Sliding(TimeSpan.FromMilliseconds(slidingMilliseconds));
        Assert.True(_entries.IsDue("key", expiration));

        _time.Advance(TimeSpan.FromMilliseconds(pauseMilliseconds) - TimeSpan.FromTicks(1));
        Assert.False(_entries.IsDue("key", expiration));

        _time.Advance(TimeSpan.FromTicks(1));
        Assert.True(_entries.IsDue("key", expiration));
        Assert.False(_entries.IsDue("key", expiration));
    }

    [Fact]
    public void IsDue_LessThanAHundredTicks_IsAlways()
    {
        var expiration = Sliding(TimeSpan.FromTicks(99));

        Assert.True(_entries.IsDue("key", expiration));
        Assert.True(_entries.IsDue("key", expiration));
    }

    [Fact]
    public void IsDue_OtherExpiration_IsAtOnce()
    {
        _entries.IsDue("key", TwentyMinutes);

        Assert.True(_entries.IsDue("key", TwentyMinutes with { AbsoluteTicks = 1 }));
        Assert.True(_entries.IsDue("key", Sliding(TimeSpan.FromMinutes(21))));
    }

    [Fact]
    public void IsDue_AfterForget_IsAtOnce()
    {
        _entries.IsDue("key", TwentyMinutes);
        _entries.Forget("another");
        Assert.False(_entries.IsDue("key", TwentyMinutes));

        _entries.Forget("key");
        Assert.True(_entries.IsDue("key", TwentyMinutes));
    }

    // There are fewer places than keys: whatever key has taken whose place, none is taken for another.
    [Fact]
    public void IsDue_ManyKeys_EachIsExtendedAtFirst() =>
        Assert.All(Enumerable.Range(0, 100_000), i => Assert.True(_entries.IsDue($"key:{i}", TwentyMinutes)));

    [Fact]
    public void IsDue_AThousandHotKeys_AreRemembered()
    {
        var keys = Enumerable.Range(0, 1000).Select(static i => $"key:{i}").ToArray();
        Assert.All(keys, key => Assert.True(_entries.IsDue(key, TwentyMinutes)));

        // Five or more of them hardly ever share four places.
        Assert.InRange(keys.Count(key => _entries.IsDue(key, TwentyMinutes)), 0, 50);
    }

    [Fact]
    public async Task IsDue_ManyReadersAtOnce_OneExtends()
    {
        for (var round = 0; round < 200; round++)
        {
            _entries.IsDue("key", TwentyMinutes);
            _time.Advance(TimeSpan.FromSeconds(1));
            using var start = new Barrier(4);

            var due = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    return _entries.IsDue("key", TwentyMinutes);
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));

            Assert.Single(due, true);
        }
    }

    private static EntryExpiration Sliding(TimeSpan sliding) => new(EntryExpiration.None, sliding.Ticks);
}
