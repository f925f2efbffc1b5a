using Prima.Extensions.Caching.Redis.IntegrationTests.Batch;
using Prima.Extensions.Caching.Redis.TestServers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Distributed;

/// <summary>Values above the limit of the options.</summary>
public sealed class MaximumValueTests
{
    private const int Limit = 2048;

    public static MatrixTheoryData<EntryLayout, FailureMode> LayoutsAndModes { get; } = new(Enum.GetValues<EntryLayout>(), Enum.GetValues<FailureMode>());

    [Theory, MemberData(nameof(LayoutsAndModes))]
    public async Task Set_LargeValue_IsNotSentAndNothingOlderIsShown(EntryLayout layout, FailureMode mode)
    {
        await using var cache = await CreateAsync(layout, mode, Limit);
        var key = BatchData.NewKey();
        await cache.SetAsync(key, new byte[Limit], BatchData.ForAWhile);
        Assert.Equal(Limit, (await cache.GetAsync(key))!.Length);

        var exception = await Record.ExceptionAsync(() => cache.SetAsync(key, new byte[Limit + 1], BatchData.ForAWhile));

        if (mode == FailureMode.Throw)
        {
            Assert.Contains(nameof(PrimaRedisCacheOptions.MaximumValueBytes), Assert.IsAssignableFrom<RedisException>(exception).Message, StringComparison.Ordinal);
            Assert.Equal(Limit, (await cache.GetAsync(key))!.Length);
        }
        else
        {
            Assert.Null(exception);
            await cache.FlushAsync(TestContext.Current.CancellationToken);
            Assert.Null(await cache.GetAsync(key));
        }
    }

    [Theory, MemberData(nameof(LayoutsAndModes))]
    public async Task SetMany_LargeValue_FailsAlone(EntryLayout layout, FailureMode mode)
    {
        await using var cache = await CreateAsync(layout, mode, Limit);
        var keys = BatchData.Keys(20);
        await cache.SetManyAsync(BatchData.Entries(keys));

        var result = await cache.SetManyAsync(keys.Select(static (key, i) => BatchData.Entry(key, new byte[i == 7 ? Limit + 1 : 1])));
        await cache.FlushAsync(TestContext.Current.CancellationToken);

        Assert.Equal(7, Assert.Single(result.Errors).Index);
        Assert.Equal(19, result.Outcomes.Count(static outcome => outcome == BatchOutcome.Stored));
        Assert.Equal(mode == FailureMode.Throw, await cache.GetAsync(keys[7]) is not null);
    }

    [Theory, MemberData(nameof(LayoutsAndModes))]
    public async Task SetMany_LargeValueAfterAnotherOfItsKey_ShowsNothingOlderThanThat(EntryLayout layout, FailureMode mode)
    {
        await using var cache = await CreateAsync(layout, mode, Limit);
        var key = BatchData.NewKey();
        await cache.SetAsync(key, [1], BatchData.ForAWhile);

        var result = await cache.SetManyAsync([BatchData.Entry(key, [2]), BatchData.Entry(key, new byte[Limit + 1])]);
        await cache.FlushAsync(TestContext.Current.CancellationToken);

        Assert.Equal([BatchOutcome.Stored, mode == FailureMode.Throw ? BatchOutcome.Failed : BatchOutcome.Degraded], result.Outcomes);
        Assert.Equal(mode == FailureMode.Throw ? [2] : null, await cache.GetAsync(key));
    }

    [Theory, MemberData(nameof(LayoutsAndModes))]
    public async Task SetMany_LargeValueBeforeAnotherOfItsKey_LeavesThat(EntryLayout layout, FailureMode mode)
    {
        await using var cache = await CreateAsync(layout, mode, Limit);
        var key = BatchData.NewKey();

        await cache.SetManyAsync([BatchData.Entry(key, new byte[Limit + 1]), BatchData.Entry(key, [2])]);

        Assert.Equal(0, cache.State().JournalLength);
        Assert.Equal([2], await cache.GetAsync(key));
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task Get_LargeValueOfAnotherNode_IsAMiss(EntryLayout layout)
    {
        await using var generous = await CreateAsync(layout, FailureMode.Throw, 1 << 20);
        await using var cache = await CreateAsync(layout, FailureMode.Throw, Limit);
        var key = BatchData.NewKey();
        await generous.SetAsync(key, new byte[Limit + 1], BatchData.ForAWhile);

        Assert.Null(await cache.GetAsync(key));
        Assert.Equal([BatchOutcome.Miss], (await cache.GetManyArraysAsync([key])).Outcomes);
        Assert.NotNull(await generous.GetAsync(key));
    }

    private static async Task<PrimaRedisCache> CreateAsync(EntryLayout layout, FailureMode mode, int limit) => new(new PrimaRedisCacheOptions
    {
        Configuration = (await SharedServers.GetStandaloneAsync()).Configuration,
        Layout = layout,
        FailureMode = mode,
        MaximumValueBytes = limit,
    });
}
