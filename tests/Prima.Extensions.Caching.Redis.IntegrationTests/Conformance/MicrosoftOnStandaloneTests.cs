using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;

public sealed class MicrosoftOnStandaloneTests : DistributedCacheConformance
{
    protected override async Task<CacheUnderTest> CreateAsync() =>
        await CacheUnderTest.MicrosoftAsync((await SharedServers.GetStandaloneAsync()).Configuration);
}
