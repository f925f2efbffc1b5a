using System.Text;
using MessagePack;
using MessagePack.Resolvers;
using Microsoft.Extensions.Caching.Hybrid;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>Values that are serialized on their way.</summary>
public sealed class BatchTypedTests
{
    [Fact]
    public async Task SetMany_MessagePackObject_IsWrittenByItsContract()
    {
        await using var cache = await CreateAsync();
        var key = BatchData.NewKey();

        await cache.SetManyAsync([new BatchEntry<Finding>(key, new Finding { Text = "K", Level = 4.5 }, BatchData.ForAWhile)]);

        // An array of two: the keys of the contract, and no names.
        Assert.Equal([0x92, 0xA1, (byte)'K', 0xCB, 0x40, 0x12, 0, 0, 0, 0, 0, 0], await cache.GetAsync(key));
    }

    [Fact]
    public async Task GetMany_MessagePackObject_HasItsMembers()
    {
        await using var cache = await CreateAsync();
        var key = BatchData.NewKey();
        await cache.SetManyAsync([new BatchEntry<Finding>(key, new Finding { Text = "Kalium", Level = 4.5 }, BatchData.ForAWhile)]);

        var finding = (await cache.GetManyAsync<Finding>([key])).Values[0];

        Assert.Equivalent(new Finding { Text = "Kalium", Level = 4.5 }, finding, strict: true);
    }

    [Fact]
    public async Task GetMany_NullThatWasSet_IsAHit()
    {
        await using var cache = await CreateAsync();
        var keys = BatchData.Keys(2);
        await cache.SetManyAsync([new BatchEntry<string?>(keys[0], null, BatchData.ForAWhile)]);

        var read = await cache.GetManyAsync<string>(keys);

        Assert.Equal([BatchOutcome.Hit, BatchOutcome.Miss], read.Outcomes);
        Assert.Null(read.Values[0]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\u00C1")]
    [InlineData("no MessagePack at all")]
    public async Task GetMany_ValueOfAnotherKind_IsThatEntrysFailure(string garbage)
    {
        await using var cache = await CreateAsync();
        var keys = BatchData.Keys(4);
        await cache.SetManyAsync<Finding>([new(keys[0], new() { Text = "a" }, BatchData.ForAWhile), new(keys[3], new() { Text = "d" }, BatchData.ForAWhile)]);
        await cache.SetAsync(keys[1], Encoding.Latin1.GetBytes(garbage), BatchData.ForAWhile);

        var read = await cache.GetManyAsync<Finding>(keys);

        Assert.Equal([BatchOutcome.Hit, BatchOutcome.Failed, BatchOutcome.Miss, BatchOutcome.Hit], read.Outcomes);
        Assert.Equal(["a", null, null, "d"], read.Values.Select(static value => value?.Text));
        var error = Assert.Single(read.Errors);
        Assert.Equal((1, keys[1], BatchOutcome.Failed), (error.Index, error.Key, error.Outcome));
        Assert.IsType<MessagePackSerializationException>(error.Exception);
    }

    [Fact]
    public async Task GetMany_ValueOfAnotherType_IsThatEntrysFailure()
    {
        await using var cache = await CreateAsync();
        var keys = BatchData.Keys(2);
        await cache.SetManyAsync<string>([new(keys[0], "seven", BatchData.ForAWhile)]);
        await cache.SetManyAsync<int>([new(keys[1], 7, BatchData.ForAWhile)]);

        var read = await cache.GetManyAsync<int>(keys);

        Assert.Equal([BatchOutcome.Failed, BatchOutcome.Hit], read.Outcomes);
        Assert.False(read.Succeeded);
    }

    [Fact]
    public async Task SetMany_ValueThatCannotBeSerialized_IsThatEntrysFailure()
    {
        await using var cache = await CreateAsync();
        var keys = BatchData.Keys(3);

        var result = await cache.SetManyAsync<Moody>([new(keys[0], new(), BatchData.ForAWhile), new(keys[1], new() { Mood = "bad" }, BatchData.ForAWhile), new(keys[2], new(), BatchData.ForAWhile)]);

        Assert.Equal([BatchOutcome.Stored, BatchOutcome.Failed, BatchOutcome.Stored], result.Outcomes);
        Assert.Equal((1, keys[1]), Assert.Single(result.Errors.Select(static error => (error.Index, error.Key))));
        Assert.Null(await cache.GetAsync(keys[1]));
    }

    [Fact]
    public async Task SetMany_TypedWrongEntries_FailAlone()
    {
        await using var cache = await CreateAsync();
        var key = BatchData.NewKey();

        var result = await cache.SetManyAsync<int>([new(null!, 1, BatchData.ForAWhile), new("options", 2, null!), new(key, 3, BatchData.ForAWhile)]);

        Assert.Equal([BatchOutcome.Failed, BatchOutcome.Failed, BatchOutcome.Stored], result.Outcomes);
        Assert.All(result.Errors, static error => Assert.IsType<ArgumentNullException>(error.Exception));
    }

    [Fact]
    public async Task SerializerFactory_OfTheCaller_SerializesBothWays()
    {
        await using var cache = await CreateAsync(new ReversingSerializerFactory());
        var key = BatchData.NewKey();

        await cache.SetManyAsync<string>([new(key, "abc", BatchData.ForAWhile)]);

        Assert.Equal([[(byte)'c', (byte)'b', (byte)'a']], (await cache.GetManyArraysAsync([key])).Values);
        Assert.Equal("abc", (await cache.GetManyAsync<string>([key])).Values[0]);
    }

    [Fact]
    public async Task SerializerFactory_WithoutSerializerForTheType_Throws()
    {
        await using var cache = await CreateAsync(new ReversingSerializerFactory());

        await Assert.ThrowsAsync<InvalidOperationException>(() => cache.GetManyAsync<int>(["k"]));
        await Assert.ThrowsAsync<InvalidOperationException>(() => cache.SetManyAsync<int>([new("k", 1, BatchData.ForAWhile)]));
    }

    [Fact]
    public async Task SetMany_TypeThatMessagePackCannotFormat_Throws()
    {
        await using var cache = await CreateAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => cache.SetManyAsync<Unformattable>([new("k", new(false), BatchData.ForAWhile)]));
    }

    [Fact]
    public async Task GetMany_TypeThatMessagePackCannotFormat_Throws()
    {
        await using var cache = await CreateAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => cache.GetManyAsync<Unformattable>(["k"]));
    }

    [Fact]
    public void SerializerFactory_TypelessResolver_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new MessagePackHybridCacheSerializerFactory(TypelessContractlessStandardResolver.Options));

    [Fact]
    public void SerializerFactory_TypelessAmongOtherResolvers_IsRefused()
    {
        var options = MessagePackSerializerOptions.Standard.WithResolver(CompositeResolver.Create(NativeGuidResolver.Instance, TypelessContractlessStandardResolver.Instance));

        Assert.Throws<ArgumentException>(() => new MessagePackHybridCacheSerializerFactory(options));
    }

    [Fact]
    public void SerializerFactory_TypelessObjectResolver_IsRefused()
    {
        var options = MessagePackSerializerOptions.Standard.WithResolver(TypelessObjectResolver.Instance);

        Assert.Throws<ArgumentException>(() => new MessagePackHybridCacheSerializerFactory(options));
    }

    private static async Task<PrimaRedisCache> CreateAsync(IHybridCacheSerializerFactory? serializers = null) => new(new PrimaRedisCacheOptions
    {
        Configuration = (await SharedServers.GetStandaloneAsync()).Configuration,
        InstanceName = "batch:",
        SerializerFactory = serializers ?? new MessagePackHybridCacheSerializerFactory(),
        FailureMode = FailureMode.Throw,
    });
}
