using CsCheck;
using Microsoft.Extensions.Caching.Distributed;
using Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Distributed;

/// <summary>Any key, any value up to 1 MiB, any legal expiration comes back.</summary>
public sealed class RoundTripPropertyTests
{
    private static readonly Gen<DistributedCacheEntryOptions> GenOptions =
        from relative in Gen.Long[TimeSpan.TicksPerMinute, TimeSpan.MaxValue.Ticks].Nullable()
        from sliding in Gen.Long[TimeSpan.TicksPerMinute, TimeSpan.MaxValue.Ticks].Nullable()
        from absolute in Gen.Long[TimeSpan.TicksPerMinute, TimeSpan.TicksPerDay * 100_000].Nullable()
        from offset in Gen.Int[-14, 14]
        select new DistributedCacheEntryOptions
        {
            AbsoluteExpirationRelativeToNow = relative is { } r ? TimeSpan.FromTicks(r) : null,
            SlidingExpiration = sliding is { } s ? TimeSpan.FromTicks(s) : null,
            AbsoluteExpiration = absolute is { } a ? TimeProvider.System.GetUtcNow().AddTicks(a).ToOffset(TimeSpan.FromHours(offset)) : null,
        };

    private static readonly Gen<byte[]> GenValue = Gen.OneOf(Gen.Byte.Array[0, 100], Gen.Int[0, 1 << 20].Select(Gen.Byte, static (size, fill) => Enumerable.Repeat(fill, size).ToArray()));

    private static readonly Gen<CacheAccess> GenAccess = Gen.Enum<CacheAccess>();

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task Entry_Any_RoundTrips(EntryLayout layout)
    {
        await using var subject = await CacheUnderTest.PrimaAsync((await SharedServers.GetStandaloneAsync()).Configuration, layout);
        var generator = Gen.Select(Gen.String, GenValue, GenOptions, GenAccess, GenAccess);
        await generator.SampleAsync(
            async (key, value, options, writing, reading) =>
            {
                // The sample's own key space, whatever strings come up: samples run at the same time.
                key = Guid.NewGuid().ToString("N") + key;
                await subject.Cache.SetAsync(writing, key, value, options);
                var read = await subject.Cache.GetAsync(reading, key);
                await subject.Cache.RemoveAsync(reading, key);
                return read is not null && read.AsSpan().SequenceEqual(value);
            },
            iter: 300,
            threads: 2);
    }
}
