using Microsoft.Extensions.Caching.Distributed;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;

/// <summary>What every distributed cache over Redis must do, through every way in. Differences are named, and pinned.</summary>
public abstract class DistributedCacheConformance : IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(20);

    private CacheUnderTest _subject = null!;

    public static TheoryData<CacheAccess> Accesses => new(Enum.GetValues<CacheAccess>());

    private IBufferDistributedCache Cache => _subject.Cache;

    private static DistributedCacheEntryOptions Endless => new();

    protected abstract Task<CacheUnderTest> CreateAsync();

    public async ValueTask InitializeAsync() => _subject = await CreateAsync();

    public async ValueTask DisposeAsync()
    {
        if (_subject is not null)
        {
            await _subject.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task Get_MissingKey_IsMiss(CacheAccess access) => Assert.Null(await Cache.GetAsync(access, NewKey()));

    [Theory]
    [CombinatorialValues(0, 1, 1024, 100_000, 1 << 20)]
    public async Task Get_AfterSet_ReturnsSameBytes(CacheAccess access, int size)
    {
        var key = NewKey();
        var value = RandomValue(size);
        await Cache.SetAsync(access, key, value, Endless);

        Assert.Equal(value, await Cache.GetAsync(access, key));
    }

    [Theory]
    [CombinatorialValues("", " ", "a b\r\n", "Grüße 患者 🏥", "{slot}key", "*?[x]", "\0binary\u0001")]
    public async Task Get_AnyKey_IsFoundAgain(CacheAccess access, string key)
    {
        await Cache.SetAsync(access, key, [1, 2, 3], new() { AbsoluteExpirationRelativeToNow = Minute });

        Assert.Equal([1, 2, 3], await Cache.GetAsync(access, key));
        await Cache.RemoveAsync(access, key);
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task Set_ExistingKey_ReplacesValue(CacheAccess access)
    {
        var key = NewKey();
        await Cache.SetAsync(access, key, RandomValue(5000), Endless);
        await Cache.SetAsync(access, key, [7], Endless);

        Assert.Equal([7], await Cache.GetAsync(access, key));
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task Remove_ExistingKey_IsGone(CacheAccess access)
    {
        var key = NewKey();
        await Cache.SetAsync(access, key, [1], Endless);
        await Cache.RemoveAsync(access, key);

        Assert.Null(await Cache.GetAsync(access, key));
        Assert.False(await _subject.Redis.KeyExistsAsync(_subject.RedisKey(key)));
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task RefreshAndRemove_MissingKey_DoNothing(CacheAccess access)
    {
        var key = NewKey();
        await Cache.RefreshAsync(access, key);
        await Cache.RemoveAsync(access, key);

        Assert.False(await _subject.Redis.KeyExistsAsync(_subject.RedisKey(key)));
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task Set_WithoutExpiration_HasNoTtl(CacheAccess access)
    {
        var key = NewKey();
        await Cache.SetAsync(access, key, [1], Endless);

        Assert.Null(await _subject.TimeToLiveAsync(key));
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task Set_AbsoluteRelative_HasThatTtl(CacheAccess access)
    {
        var key = NewKey();
        await Cache.SetAsync(access, key, [1], new() { AbsoluteExpirationRelativeToNow = Minute });

        await AssertTimeToLiveAsync(key, Minute);
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task Set_Absolute_HasTtlUntilThen(CacheAccess access)
    {
        var key = NewKey();
        await Cache.SetAsync(access, key, [1], new() { AbsoluteExpiration = TimeProvider.System.GetUtcNow() + Minute });

        await AssertTimeToLiveAsync(key, Minute);
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task Set_AbsoluteAndRelative_RelativeWins(CacheAccess access)
    {
        var key = NewKey();
        await Cache.SetAsync(access, key, [1], new()
        {
            AbsoluteExpiration = TimeProvider.System.GetUtcNow() + (10 * Minute),
            AbsoluteExpirationRelativeToNow = Minute,
        });

        await AssertTimeToLiveAsync(key, Minute);
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task Set_SlidingAndAbsolute_NearerEndIsTtl(CacheAccess access)
    {
        var key = NewKey();
        await Cache.SetAsync(access, key, [1], new() { SlidingExpiration = 10 * Minute, AbsoluteExpirationRelativeToNow = Minute });

        await AssertTimeToLiveAsync(key, Minute);
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task Set_LessThanASecond_IsKeptThatLong(CacheAccess access)
    {
        var key = NewKey();
        await Cache.SetAsync(access, key, [1], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMilliseconds(900) });

        var timeToLive = await _subject.TimeToLiveAsync(key);
        if (_subject.Differences.HasFlag(KnownDifferences.CutsToWholeSeconds))
        {
            Assert.False(await _subject.Redis.KeyExistsAsync(_subject.RedisKey(key)));
            return;
        }

        // On a slow machine it may be over already; what must not be is a key without TTL, or with a longer one.
        Assert.True(timeToLive <= TimeSpan.FromMilliseconds(900) || !await _subject.Redis.KeyExistsAsync(_subject.RedisKey(key)));
        await TestServers.Poll.UntilAsync("the entry has expired", TimeSpan.FromSeconds(10), async () => await Cache.GetAsync(access, key) is null);
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task Get_Sliding_ExtendsTtl(CacheAccess access)
    {
        var key = NewKey();
        await Cache.SetAsync(access, key, [1], new() { SlidingExpiration = Minute });
        await ShortenAsync(key);

        Assert.Equal([1], await Cache.GetAsync(access, key));
        await AssertTimeToLiveAsync(key, Minute);
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task Refresh_Sliding_ExtendsTtl(CacheAccess access)
    {
        var key = NewKey();
        await Cache.SetAsync(access, key, RandomValue(1024), new() { SlidingExpiration = Minute });
        await ShortenAsync(key);

        await Cache.RefreshAsync(access, key);
        await AssertTimeToLiveAsync(key, Minute);
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task GetAndRefresh_NotSliding_LeaveTtl(CacheAccess access)
    {
        var key = NewKey();
        await Cache.SetAsync(access, key, [1], new() { AbsoluteExpirationRelativeToNow = 10 * Minute });
        await ShortenAsync(key, to: Minute);

        await Cache.GetAsync(access, key);
        await Cache.RefreshAsync(access, key);
        await AssertTimeToLiveAsync(key, Minute);
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task Get_SlidingPastAbsolute_StopsAtAbsolute(CacheAccess access)
    {
        var key = NewKey();
        await Cache.SetAsync(access, key, [1], new() { SlidingExpiration = 10 * Minute, AbsoluteExpirationRelativeToNow = 2 * Minute });
        await ShortenAsync(key);

        await Cache.GetAsync(access, key);
        await AssertTimeToLiveAsync(key, 2 * Minute);
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task Set_OverEntryWithTtlWithoutExpiration_RemovesTtl(CacheAccess access)
    {
        var key = NewKey();
        await Cache.SetAsync(access, key, [1], new() { AbsoluteExpirationRelativeToNow = Minute });
        await Cache.SetAsync(access, key, [2], Endless);

        Assert.Equal(_subject.Differences.HasFlag(KnownDifferences.KeepsTtlWhenOverwritten), await _subject.TimeToLiveAsync(key) is not null);
    }

    [Theory]
    [CombinatorialValues(-5, 0, 5)]
    public async Task Get_AbsoluteInAnotherZoneAndSliding_EndsWhenAsked(CacheAccess access, int offsetHours)
    {
        var key = NewKey();
        await Cache.SetAsync(access, key, [1], new()
        {
            AbsoluteExpiration = (TimeProvider.System.GetUtcNow() + (2 * Minute)).ToOffset(TimeSpan.FromHours(offsetHours)),
            SlidingExpiration = 60 * Minute,
        });
        await Cache.GetAsync(access, key);

        if (_subject.Differences.HasFlag(KnownDifferences.TakesLocalTimeForUtc) && offsetHours != 0)
        {
            Assert.NotInRange((await _subject.TimeToLiveAsync(key))?.TotalMinutes ?? 0, 1, 2);
            return;
        }

        await AssertTimeToLiveAsync(key, 2 * Minute);
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task Get_ForeignString_IsMissAndLeftAlone(CacheAccess access)
    {
        var key = NewKey();
        await _subject.Redis.StringSetAsync(_subject.RedisKey(key), "somebody else's");

        await ExpectForeignAsync(async () => Assert.Null(await Cache.GetAsync(access, key)));
        await ExpectForeignAsync(() => Cache.RefreshAsync(access, key));
        Assert.Equal("somebody else's", await _subject.Redis.StringGetAsync(_subject.RedisKey(key)));
        Assert.Null(await _subject.TimeToLiveAsync(key));
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task Get_ForeignList_IsMissAndLeftAlone(CacheAccess access)
    {
        var key = NewKey();
        await _subject.Redis.ListRightPushAsync(_subject.RedisKey(key), "somebody else's");

        await ExpectForeignAsync(async () => Assert.Null(await Cache.GetAsync(access, key)));
        await ExpectForeignAsync(() => Cache.RefreshAsync(access, key));
        Assert.Equal(1, await _subject.Redis.ListLengthAsync(_subject.RedisKey(key)));
        Assert.Null(await _subject.TimeToLiveAsync(key));
    }

    [Theory]
    [CombinatorialValues(RedisType.String, RedisType.List, RedisType.Hash)]
    public async Task Set_OverForeignValue_ReplacesIt(CacheAccess access, RedisType type)
    {
        var key = NewKey();
        await PutForeignAsync(_subject.RedisKey(key), type);
        if (_subject.Differences.HasFlag(KnownDifferences.ThrowsOnForeignValues))
        {
            Assert.SkipWhen(type == RedisType.Hash, "Microsoft's provider adds its fields to a foreign hash.");
            await Assert.ThrowsAnyAsync<Exception>(() => Cache.SetAsync(access, key, [1], new() { AbsoluteExpirationRelativeToNow = Minute }));
            return;
        }

        await Cache.SetAsync(access, key, [1], new() { AbsoluteExpirationRelativeToNow = Minute });
        Assert.Equal([1], await Cache.GetAsync(access, key));
        await AssertTimeToLiveAsync(key, Minute);
        if (await _subject.Redis.KeyTypeAsync(_subject.RedisKey(key)) == RedisType.Hash)
        {
            Assert.Equal(3, await _subject.Redis.HashLengthAsync(_subject.RedisKey(key)));
        }
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task GetAndRefresh_HashWithoutValue_LeaveTtl(CacheAccess access)
    {
        var key = NewKey();
        await _subject.Redis.HashSetAsync(_subject.RedisKey(key), [new("absexp", -1), new("sldexp", (10 * Minute).Ticks)]);
        await ShortenAsync(key, to: Minute);

        Assert.Null(await Cache.GetAsync(access, key));
        await Cache.RefreshAsync(access, key);
        await AssertTimeToLiveAsync(key, _subject.Differences.HasFlag(KnownDifferences.RefreshesWithoutValue) ? 10 * Minute : Minute);
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task Get_PastAbsoluteExpirationWithLostTtl_IsMiss(CacheAccess access)
    {
        var key = NewKey();
        await _subject.Redis.HashSetAsync(_subject.RedisKey(key), [new("absexp", TimeProvider.System.GetUtcNow().AddSeconds(-1).Ticks), new("sldexp", -1), new("data", "old")]);

        Assert.Equal(_subject.Differences.HasFlag(KnownDifferences.TrustsTtlAlone), await Cache.GetAsync(access, key) is not null);
    }

    [Theory]
    [InlineData("not a number", "-1")]
    [InlineData("-1", "not a number")]
    [InlineData("-7", "-1")]
    [InlineData("-1", "0")]
    [InlineData("9223372036854775807", "-1")]
    public async Task Get_NonsenseExpirations_IsMiss(string absolute, string sliding)
    {
        Assert.SkipWhen(_subject.Differences.HasFlag(KnownDifferences.ThrowsOnForeignValues), "Microsoft's provider throws, or serves it.");
        var key = NewKey();
        await _subject.Redis.HashSetAsync(_subject.RedisKey(key), [new("absexp", absolute), new("sldexp", sliding), new("data", "x")]);

        Assert.Null(await Cache.GetAsync(key, Token));
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task Set_EndlessRelativeExpiration_IsStored(CacheAccess access)
    {
        var key = NewKey();
        Task Set() => Cache.SetAsync(access, key, [1], new() { AbsoluteExpirationRelativeToNow = TimeSpan.MaxValue, SlidingExpiration = TimeSpan.MaxValue });
        if (_subject.Differences.HasFlag(KnownDifferences.OverflowsOnEndlessLifetimes))
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(Set);
            return;
        }

        await Set();
        Assert.Equal([1], await Cache.GetAsync(access, key));
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task Set_PastAbsoluteExpiration_Throws(CacheAccess access)
    {
        var exception = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Cache.SetAsync(access, NewKey(), [1], new()
        {
            AbsoluteExpiration = TimeProvider.System.GetUtcNow() - Minute,
            AbsoluteExpirationRelativeToNow = Minute,
        }));

        Assert.Equal("AbsoluteExpiration", exception.ParamName);
        Assert.NotNull(exception.ActualValue);
    }

    [Theory, MemberData(nameof(Accesses))]
    public async Task AnyOperation_NullKey_NamesKey(CacheAccess access)
    {
        foreach (var call in new Func<Task>[]
        {
            () => Cache.GetAsync(access, null!),
            () => Cache.SetAsync(access, null!, [1], Endless),
            () => Cache.RefreshAsync(access, null!),
            () => Cache.RemoveAsync(access, null!),
        })
        {
            Assert.Equal("key", (await Assert.ThrowsAsync<ArgumentNullException>(call)).ParamName);
        }
    }

    [Fact]
    public async Task Set_NullValueOrOptions_NamesIt()
    {
        var nullValue = _subject.Differences.HasFlag(KnownDifferences.NamesNullValueArray) ? "array" : "value";
        Assert.Equal(nullValue, (await Assert.ThrowsAsync<ArgumentNullException>(() => Cache.SetAsync("k", null!, Endless, Token))).ParamName);
        Assert.Equal(nullValue, Assert.Throws<ArgumentNullException>(() => Cache.Set("k", null!, Endless)).ParamName);
        Assert.Equal("options", (await Assert.ThrowsAsync<ArgumentNullException>(() => Cache.SetAsync("k", [], null!, Token))).ParamName);
        Assert.Equal("options", Assert.Throws<ArgumentNullException>(() => Cache.Set("k", [], null!)).ParamName);
    }

    [Fact]
    public async Task AnyOperation_CancelledToken_Throws()
    {
        var cancelled = new CancellationToken(canceled: true);
        foreach (var access in new[] { CacheAccess.Async, CacheAccess.BufferAsync })
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Cache.GetAsync(access, "k", cancelled));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Cache.SetAsync(access, "k", [1], Endless, cancelled));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Cache.RefreshAsync(access, "k", cancelled));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Cache.RemoveAsync(access, "k", cancelled));
        }
    }

    [Fact]
    public async Task ManyCallers_AtOnce_EachSeeTheirOwn()
    {
        var prefix = NewKey();
        await Parallel.ForEachAsync(Enumerable.Range(0, 500), Token, async (i, token) =>
        {
            var access = i % 2 == 0 ? CacheAccess.Async : CacheAccess.BufferAsync;
            var value = RandomValue(i * 7);
            await Cache.SetAsync(access, $"{prefix}{i}", value, new() { SlidingExpiration = Minute }, token);
            Assert.Equal(value, await Cache.GetAsync(access, $"{prefix}{i}", token));
        });
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string NewKey() => Guid.NewGuid().ToString("N");

    private static byte[] RandomValue(int size)
    {
        var value = new byte[size];
        Random.Shared.NextBytes(value);
        return value;
    }

    private static async Task PutForeignAsync(IDatabase redis, RedisKey key, RedisType type)
    {
        switch (type)
        {
            case RedisType.String:
                await redis.StringSetAsync(key, "x");
                break;
            case RedisType.List:
                await redis.ListRightPushAsync(key, "x");
                break;
            default:
                await redis.HashSetAsync(key, "foreign", "x");
                break;
        }
    }

    private Task PutForeignAsync(RedisKey key, RedisType type) => PutForeignAsync(_subject.Redis, key, type);

    private async Task ExpectForeignAsync(Func<Task> operation)
    {
        if (_subject.Differences.HasFlag(KnownDifferences.ThrowsOnForeignValues))
        {
            await Assert.ThrowsAnyAsync<Exception>(operation);
        }
        else
        {
            await operation();
        }
    }

    /// <summary>As if time had passed: what is left of the TTL becomes little.</summary>
    private async Task ShortenAsync(string key, TimeSpan? to = null) =>
        Assert.True(await _subject.Redis.KeyExpireAsync(_subject.RedisKey(key), to ?? TimeSpan.FromSeconds(30)));

    /// <summary>Polls, because an extension is sent without being waited for.</summary>
    private async Task AssertTimeToLiveAsync(string key, TimeSpan expected)
    {
        await TestServers.Poll.UntilAsync($"the TTL is about {expected}", TimeSpan.FromSeconds(5), async () =>
            await _subject.TimeToLiveAsync(key) is { } actual && actual <= expected && actual > expected - Tolerance);
    }
}
