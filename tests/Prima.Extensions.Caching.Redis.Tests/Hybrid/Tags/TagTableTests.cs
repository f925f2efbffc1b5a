using Prima.Extensions.Caching.Redis.Hybrid.Tags;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid.Tags;

public class TagTableTests
{
    [Fact]
    public void KeyOf_ATag_IsMicrosofts() => Assert.Equal("__MSFT_HCT__ward", TagTable.KeyOf("ward"));

    [Fact]
    public void Watch_ATag_SeesRemovalsFromThenOn_ButKnowsNoneBefore()
    {
        var table = new TagTable(100);
        var stamp = Assert.Single(table.Watch(["ward"]));
        Assert.Null(table.Find("ward"));
        Assert.False(stamp.Covers(1));

        table.Raise("ward", 5);

        Assert.True(stamp.Covers(5));
        Assert.False(stamp.Covers(6));
    }

    [Fact]
    public void Complete_AWatchedTag_KeepsTheStampThatEntriesHold()
    {
        var table = new TagTable(100);
        var watched = Assert.Single(table.Watch(["ward"]));

        Assert.Same(watched, table.Complete("ward", 7));
        Assert.Same(watched, table.Find("ward"));
        Assert.True(watched.Covers(7));
    }

    [Fact]
    public void Raise_AnOlderRemoval_IsNoNews()
    {
        var table = new TagTable(100);
        Assert.True(table.Raise("ward", 7));
        table.Complete("ward", 7);

        Assert.False(table.Raise("ward", 7));
        Assert.True(table.Raise("ward", 8));
    }

    [Fact]
    public void ManyTags_AreBounded_AndWhatIsForgottenTakesItsEntries()
    {
        var table = new TagTable(100);
        var stamps = Enumerable.Range(0, 10_000).Select(i => table.Complete($"tag {i}", 0)).ToList();

        Assert.InRange(table.Count, 1, 100);
        Assert.All(stamps.Index().Where(stamp => table.Find($"tag {stamp.Index}") is null), stamp => Assert.True(stamp.Item.Covers(long.MaxValue)));
    }
}
