using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;

/// <summary>The reference, with its known differences.</summary>
public sealed class MicrosoftOnStandaloneTests : DistributedCacheConformance
{
    protected override async Task<CacheUnderTest> CreateAsync()
    {
        var server = await SharedServers.GetStandaloneAsync();
        return server.Kind == ServerKind.Embedded
            ? throw TestEnvironment.Missing(ServerKind.Process, "Garnet refuses negative expirations, which Microsoft's provider sends: what it does is pinned on Redis. Install redis-server 7.0 or newer.")
            : await CacheUnderTest.MicrosoftAsync(server.Configuration);
    }
}
