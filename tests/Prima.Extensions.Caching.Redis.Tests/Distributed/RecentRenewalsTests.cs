using Microsoft.Extensions.Time.Testing;
using Prima.Extensions.Caching.Redis.Distributed;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Distributed;

public class RecentRenewalsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RecentRenewals _renewals;

    public RecentRenewalsTests() => _renewals = new(_time);

    [Fact]
    public void TryBegin_First_IsTrue() => Assert.True(_renewals.TryBegin("key"));

    [Fact]
    public void TryBegin_AgainWithinAMillisecond_IsFalse()
    {
        _renewals.TryBegin("key");
        _time.Advance(TimeSpan.FromTicks(TimeSpan.TicksPerMillisecond - 1));

        Assert.False(_renewals.TryBegin("key"));
    }

    [Fact]
    public void TryBegin_AMillisecondLater_IsTrue()
    {
        _renewals.TryBegin("key");
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.True(_renewals.TryBegin("key"));
    }

    [Fact]
    public void TryBegin_AskedAllTheTime_IsTrueOncePerMillisecond()
    {
        var renewals = 0;
        for (var i = 0; i < 100; i++)
        {
            renewals += _renewals.TryBegin("key") ? 1 : 0;
            _time.Advance(TimeSpan.FromMilliseconds(0.1));
        }

        Assert.Equal(10, renewals);
    }

    [Fact]
    public void TryBegin_OtherKeys_IsTrue() =>
        Assert.All(Enumerable.Range(0, 10_000), number => Assert.True(_renewals.TryBegin($"key{number}")));
}
