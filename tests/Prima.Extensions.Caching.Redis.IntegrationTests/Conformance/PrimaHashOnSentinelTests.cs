using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;

public sealed class PrimaHashOnSentinelTests : DistributedCacheConformance
{
    protected override async Task<CacheUnderTest> CreateAsync() =>
        await CacheUnderTest.PrimaAsync((await SharedServers.GetSentinelAsync()).Configuration, EntryLayout.Hash);
}
