using Microsoft.Extensions.Time.Testing;
using Prima.Extensions.Caching.Redis.Diagnostics;
using Prima.Extensions.Caching.Redis.Hybrid;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Prima.Extensions.Caching.Redis.Hybrid.Local;
using Prima.Extensions.Caching.Redis.Hybrid.Tags;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid.Local;

public sealed class LocalCacheTests : IDisposable
{
    private const string Key = "patient:7";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly PrimaRedisCache _redis = new(new PrimaRedisCacheOptions { Configuration = "127.0.0.1:1" });
    private readonly HybridTelemetry _telemetry = new(new HybridMetrics(CacheMetrics.Shared), "test");
    private readonly SwitchedSource _source = new();
    private readonly List<LocalEntry> _toBeVerified = [];
    private readonly LocalCache _cache;

    public LocalCacheTests() =>
        _cache = new(new PrimaHybridCacheOptions(), _source, new HybridClock(new RedisClock(_redis, _time), _time), _telemetry) { Verify = _toBeVerified.Add };

    public void Dispose()
    {
        _redis.Dispose();
        _telemetry.Dispose();
    }

    [Fact]
    public void Admit_NothingInBetween_IsAnswered()
    {
        var guard = _cache.Begin(Key);

        Assert.True(_cache.TryAdmit(guard, Entry(guard)));
        Assert.True(IsAnswered);
    }

    [Fact]
    public void Read_DuringWhichTheSourceIsArmedAnew_IsNotAnsweredByWhatWasThereBefore()
    {
        var guard = _cache.Begin(Key);
        Assert.True(_cache.TryAdmit(guard, Entry(guard)));
        _source.IsArmedNow = false;

        // As sources do it: first empty, then armed.
        _source.Asked = () =>
        {
            _source.Asked = null;
            _cache.Clear(ClearReason.Armed);
            _source.IsArmedNow = true;
        };

        Assert.False(IsAnswered);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Admit_InvalidatedInBetween_IsRefused(bool mayBeOwn)
    {
        var guard = _cache.Begin(Key);
        _cache.Invalidate(Key, mayBeOwn);

        Assert.False(_cache.TryAdmit(guard, Entry(guard)));
        Assert.False(IsAnswered);
    }

    [Fact]
    public void Admit_AnotherKeyInvalidated_IsAnswered()
    {
        var guard = _cache.Begin(Key);
        for (var i = 0; i < 10_000; i++)
        {
            _cache.Invalidate("other:" + i, mayBeOwn: false);
        }

        Assert.True(_cache.TryAdmit(guard, Entry(guard)));
    }

    [Fact]
    public void Admit_ClearedInBetween_IsRefused()
    {
        var guard = _cache.Begin(Key);
        _cache.Clear(ClearReason.Gap);

        Assert.False(_cache.TryAdmit(guard, Entry(guard)));
    }

    [Fact]
    public void Admit_ClearedAtTheLastMoment_IsNotAnswered()
    {
        var guard = _cache.Begin(Key);
        var entry = Entry(guard);
        _cache.Clear(ClearReason.Gap);
        var later = _cache.Begin(Key);
        _cache.TryAdmit(later, entry);

        Assert.False(IsAnswered);
    }

    [Fact]
    public void Guards_OfOneKey_AreAllInvalidated_AndEndOneByOne()
    {
        var guards = Enumerable.Range(0, 5).Select(_ => _cache.Begin(Key)).ToList();
        _cache.End(guards[2]);
        _cache.End(guards[0]);
        _cache.End(guards[4]);
        _cache.Invalidate(Key, mayBeOwn: false);

        Assert.Equal([false, true, false, true, false], guards.ConvertAll(guard => guard.IsInvalidated));
        _cache.End(guards[1]);
        _cache.End(guards[3]);
        Assert.False(_cache.Begin(Key).IsInvalidated);
    }

    [Fact]
    public void Invalidate_AHeldEntry_RemovesIt()
    {
        Hold();
        _cache.Invalidate(Key, mayBeOwn: true);

        Assert.False(IsAnswered);
        Assert.Empty(_toBeVerified);
    }

    [Fact]
    public void Clear_HeldEntries_AreNotAnswered()
    {
        Hold();
        _cache.Clear(ClearReason.ConnectionLost);

        Assert.False(IsAnswered);
        Assert.Equal(0, _cache.Count);
    }

    [Fact]
    public void OwnWrite_EchoAfterTheReply_IsKeptAndVerified()
    {
        var write = _cache.BeginWrite(Key);
        var entry = Entry(write, write);
        Assert.True(_cache.EndWrite(write, entry));
        Assert.Empty(_toBeVerified);

        _cache.Invalidate(Key, mayBeOwn: true);

        Assert.True(IsAnswered);
        Assert.Same(entry, Assert.Single(_toBeVerified));
    }

    [Fact]
    public void OwnWrite_EchoBeforeTheReply_IsKeptAndVerified()
    {
        var write = _cache.BeginWrite(Key);
        _cache.Invalidate(Key, mayBeOwn: true);
        var entry = Entry(write, write);

        Assert.True(_cache.EndWrite(write, entry));
        Assert.True(IsAnswered);
        Assert.Same(entry, Assert.Single(_toBeVerified));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void OwnWrite_TwoAnnouncements_IsNotKept(int beforeTheReply)
    {
        var write = _cache.BeginWrite(Key);
        for (var i = 0; i < beforeTheReply; i++)
        {
            _cache.Invalidate(Key, mayBeOwn: true);
        }

        _cache.EndWrite(write, Entry(write, write));
        for (var i = beforeTheReply; i < 2; i++)
        {
            _cache.Invalidate(Key, mayBeOwn: true);
        }

        Assert.False(IsAnswered);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void OwnWrite_AnnouncementOfAnother_IsNotKept(bool beforeTheReply)
    {
        var write = _cache.BeginWrite(Key);
        if (beforeTheReply)
        {
            _cache.Invalidate(Key, mayBeOwn: false);
        }

        _cache.EndWrite(write, Entry(write, write));
        if (!beforeTheReply)
        {
            _cache.Invalidate(Key, mayBeOwn: false);
        }

        Assert.False(IsAnswered);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void OwnWrites_TwoAtOnce_TheOneThatBeganLastIsKeptAndVerified(bool endsLast)
    {
        var first = _cache.BeginWrite(Key);
        var second = _cache.BeginWrite(Key);
        var (older, newer) = (Entry(first, first), Entry(second, second));
        foreach (var (write, entry) in endsLast ? [(first, older), (second, newer)] : new[] { (second, newer), (first, older) })
        {
            Assert.True(_cache.EndWrite(write, entry));
        }

        Assert.True(_cache.TryGet(Key, out var held));
        Assert.Same(newer, held);
        Assert.Equal(endsLast ? [older, newer] : [newer, newer], _toBeVerified);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void OwnWrites_TwoAtOnce_OneWithoutACopy_NeitherIsKept(bool endsLast)
    {
        var first = _cache.BeginWrite(Key);
        var second = _cache.BeginWrite(Key);
        if (endsLast)
        {
            _cache.EndWrite(second, Entry(second, second));
        }

        _cache.EndWrite(first, entry: null);
        if (!endsLast)
        {
            _cache.EndWrite(second, Entry(second, second));
        }

        Assert.False(IsAnswered);
    }

    [Fact]
    public void OwnWrites_TwoAtOnce_MoreAnnouncementsThanWrites_NeitherIsKept()
    {
        var first = _cache.BeginWrite(Key);
        var second = _cache.BeginWrite(Key);
        for (var i = 0; i < 3; i++)
        {
            _cache.Invalidate(Key, mayBeOwn: true);
        }

        _cache.EndWrite(first, Entry(first, first));
        _cache.EndWrite(second, Entry(second, second));

        Assert.False(IsAnswered);
    }

    [Fact]
    public void OwnWrite_RefusesReadsThatBeganBeforeItsEnd()
    {
        var before = _cache.Begin(Key);
        var write = _cache.BeginWrite(Key);
        var during = _cache.Begin(Key);
        _cache.EndWrite(write, entry: null);

        Assert.False(_cache.TryAdmit(before, Entry(before)));
        Assert.False(_cache.TryAdmit(during, Entry(during)));
        var after = _cache.Begin(Key);
        Assert.True(_cache.TryAdmit(after, Entry(after)));
    }

    [Fact]
    public void OwnWrite_UnderWay_TheOldEntryIsAnsweredUntilItsEnd()
    {
        Hold();
        var write = _cache.BeginWrite(Key);
        Assert.True(IsAnswered);

        _cache.EndWrite(write, entry: null);
        Assert.False(IsAnswered);
    }

    [Fact]
    public void OwnWrite_AnnouncedBeforeItsEnd_TakesTheOldEntry()
    {
        Hold();
        _cache.BeginWrite(Key);
        _cache.Invalidate(Key, mayBeOwn: true);

        Assert.False(IsAnswered);
        Assert.Empty(_toBeVerified);
    }

    [Fact]
    public void OwnRemoval_TakesTheOldEntryAtOnce()
    {
        Hold();
        _cache.BeginRemoval(Key);

        Assert.False(IsAnswered);
    }

    [Fact]
    public void Fill_InvalidatedSinceItsGuard_DoesNotBegin()
    {
        var guard = _cache.Begin(Key);
        Assert.NotNull(_cache.TryBeginFill(guard));
        _cache.Invalidate(Key, mayBeOwn: false);

        Assert.Null(_cache.TryBeginFill(guard));
    }

    [Fact]
    public void Fill_LeavesItsOwnGuard_SoThatOthersCanJoin()
    {
        var guard = _cache.Begin(Key);
        _cache.TryBeginFill(guard);

        Assert.True(_cache.IsCurrent(guard));
    }

    [Fact]
    public void Unarmed_NothingIsAnswered_AndAnsweredAgainAfterwards()
    {
        Hold();
        _source.IsArmedNow = false;
        Assert.False(IsAnswered);

        _source.IsArmedNow = true;
        Assert.True(IsAnswered);
    }

    [Fact]
    public void Outage_WhatWasMadeInIt_IsAnsweredUntilItEnds()
    {
        _source.IsArmedNow = false;
        var guard = _cache.Begin(Key);
        Assert.False(guard.WasArmed);
        _cache.TryAdmit(guard, Entry(guard, isOfOutage: true));
        Assert.True(IsAnswered);

        _source.IsArmedNow = true;
        Assert.False(IsAnswered);
    }

    [Fact]
    public void Divided_EntryIsAnsweredOnlyWhileItsTagsAreAnnouncedToo()
    {
        _source.IsDivided = true;
        var stamps = _cache.Tags.Watch(["ward"]);
        var guard = _cache.Begin(Key);
        _cache.TryAdmit(guard, Entry(guard, stamps: stamps));
        Assert.True(IsAnswered);

        _source.Unarmed.Add(TagTable.KeyOf("ward"));
        Assert.False(IsAnswered);
        _source.Unarmed.Clear();
        _source.Unarmed.Add(TagTable.WildcardKey);
        Assert.False(IsAnswered);
        _source.Unarmed.Clear();
        Assert.True(IsAnswered);
    }

    [Fact]
    public void Expired_IsNotAnswered()
    {
        var guard = _cache.Begin(Key);
        _cache.TryAdmit(guard, Entry(guard, life: 1000));
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.True(IsAnswered);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(IsAnswered);
        Assert.Equal(0, _cache.Count);
    }

    [Fact]
    public void TagRemoval_TakesWhatIsNotYounger()
    {
        var stamps = _cache.Tags.Watch(["ward"]);
        var guard = _cache.Begin(Key);
        _cache.TryAdmit(guard, Entry(guard, created: 100, stamps: stamps));
        _cache.InvalidateTag("surgery", 1000);
        _cache.InvalidateTag("ward", 99);
        Assert.True(IsAnswered);

        _cache.InvalidateTag("ward", 100);
        Assert.False(IsAnswered);
    }

    [Fact]
    public void WildcardRemoval_TakesEverything_AlsoWhatIsUnderWay()
    {
        Hold();
        var guard = _cache.Begin("other");
        _cache.InvalidateTag(TagTable.Wildcard, _time.GetUtcNow().UtcTicks);

        Assert.False(IsAnswered);
        Assert.False(_cache.TryAdmit(guard, Entry(guard)));
    }

    [Fact]
    public void ForgottenTag_TakesItsEntries()
    {
        var guard = _cache.Begin(Key);
        _cache.TryAdmit(guard, Entry(guard, stamps: _cache.Tags.Watch(["ward"])));
        _cache.Tags.Forget("ward");

        Assert.False(IsAnswered);
    }

    [Fact]
    public void Admit_TooLargeAnEntry_IsRefused()
    {
        var guard = _cache.Begin(Key);

        Assert.False(_cache.TryAdmit(guard, Entry(guard, size: _cache.LargestEntry + 1)));
    }

    private bool IsAnswered => _cache.TryGet(Key, out _) && _cache.TryGet(Key.AsSpan(), out _);

    private void Hold()
    {
        var guard = _cache.Begin(Key);
        _cache.TryAdmit(guard, Entry(guard));
        _cache.End(guard);
        Assert.True(IsAnswered);
    }

    private SharedEntry<string> Entry(ReadGuard guard, OwnWrite? write = null, long life = 100_000, long created = 1, long size = 10, TagStamp[]? stamps = null, bool isOfOutage = false) =>
        new("value")
        {
            Key = guard.Key, Size = size, Created = created, ExpiresAt = (_time.GetTimestamp() / (_time.TimestampFrequency / 1000)) + life, Epoch = guard.Epoch, Write = write, Stamps = stamps ?? [], IsOfOutage = isOfOutage,
        };
}
