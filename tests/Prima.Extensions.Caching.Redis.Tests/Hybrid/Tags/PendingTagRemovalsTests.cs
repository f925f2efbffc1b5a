using Prima.Extensions.Caching.Redis.Hybrid.Tags;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid.Tags;

public class PendingTagRemovalsTests
{
    private readonly PendingTagRemovals _pending = new();

    [Fact]
    public void Missed_TooMany_BecomeTheRemovalOfEverything()
    {
        for (var i = 1; i <= 1000; i++)
        {
            _pending.Add($"tag {i}", i);
            Assert.Equal(0, _pending.Missed($"tag {i}"));
        }

        Assert.Equal(7, _pending.StampOf("tag 7"));
        _pending.Add("on its way", 3000);
        _pending.Add("one more", 2000);

        Assert.Equal(2000, _pending.Missed("one more"));
        Assert.Equal([TagTable.Wildcard], _pending.Tags());
        Assert.Equal(2000, _pending.StampOf(TagTable.Wildcard));
        Assert.Equal(3000, _pending.StampOf("on its way"));
    }

    [Fact]
    public void Reached_MoreThanAreRemembered_LeavesNothing()
    {
        var tags = Enumerable.Range(0, 2000).Select(static i => $"tag {i}").ToList();
        tags.ForEach(tag => _pending.Add(tag, 5));
        Assert.All(tags, tag => Assert.Equal(5, _pending.StampOf(tag)));
        Assert.Empty(_pending.Tags());

        tags.ForEach(tag => _pending.Reached(tag, 5));

        Assert.Equal(0, _pending.StampOf(TagTable.Wildcard));
        Assert.All(tags, tag => Assert.Equal(0, _pending.StampOf(tag)));
    }

    [Fact]
    public void Reached_WithAnOlderStamp_LeavesItPending()
    {
        _pending.Add("ward", 5);
        _pending.Missed("ward");
        _pending.Reached("ward", 4);
        Assert.False(_pending.IsEmpty);

        _pending.Reached("ward", 5);
        Assert.True(_pending.IsEmpty);
    }

    [Fact]
    public void Missed_WhatALaterRemovalReached_IsNotSentAgain()
    {
        _pending.Add("ward", 5);
        _pending.Add("ward", 6);
        _pending.Reached("ward", 6);

        _pending.Missed("ward");

        Assert.True(_pending.IsEmpty);
    }
}
