using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;

public sealed class PrimaStringOnEmbeddedTests : DistributedCacheConformance
{
    protected override async Task<CacheUnderTest> CreateAsync() =>
        await CacheUnderTest.PrimaAsync((await SharedServers.GetEmbeddedAsync()).Configuration, EntryLayout.String);
}
