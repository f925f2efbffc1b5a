using Prima.Extensions.Caching.Redis.Hybrid.Local;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid.Local;

public class FormerKeysTests
{
    private readonly FormerKeys _keys = new();

    [Fact]
    public void TryRemove_OfTheEvicted_HasItsRankOnce()
    {
        _keys.Add("one", 3.25, isEvicted: true, entries: 100);
        _keys.Add("two", 4.5, isEvicted: false, entries: 100);

        Assert.True(_keys.TryRemove("one", out var rank, out var isEvicted));
        Assert.Equal((3.25, true), (rank, isEvicted));
        Assert.True(_keys.TryRemove("two", out rank, out isEvicted));
        Assert.Equal((4.5, false), (rank, isEvicted));
        Assert.False(_keys.TryRemove("one", out _, out _));
    }

    [Fact]
    public void Add_BeforeAnythingWasEvicted_TakesNoMemory()
    {
        _keys.Add("removed", 1, isEvicted: false, entries: 100_000);

        Assert.Equal(0, _keys.Entries);
        Assert.False(_keys.TryRemove("removed", out _, out _));
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(100, 304)]
    [InlineData(100_000, 300_004)]
    public void Add_ManyKeys_RemembersAboutThreeTimesAsManyAsThereAreEntries(int entries, int most)
    {
        for (var i = 0; i < 10 * entries; i++)
        {
            _keys.Add($"{i}", 1, isEvicted: true, entries);
        }

        Assert.InRange(Enumerable.Range(0, 10 * entries).Count(i => _keys.TryRemove($"{i}", out _, out _)), 2 * entries, most);
    }

    [Fact]
    public void Add_WhenThereAreManyMoreEntries_RemembersMore()
    {
        for (var entries = 1; entries <= 1000; entries++)
        {
            _keys.Add($"{entries}", 1, isEvicted: true, entries);
        }

        Assert.InRange(_keys.Entries, 667, 1000);
    }

    [Fact]
    public void Add_WhenThereIsRoomForFewOnly_BeginsAnew()
    {
        _keys.Add("one", 1, isEvicted: true, entries: 1000);
        _keys.Add("two", 1, isEvicted: false, entries: 10);
        Assert.Equal(1000, _keys.Entries);

        _keys.Add("three", 1, isEvicted: true, entries: 10);

        Assert.Equal(10, _keys.Entries);
        Assert.False(_keys.TryRemove("one", out _, out _));
        Assert.True(_keys.TryRemove("three", out _, out _));
    }
}
