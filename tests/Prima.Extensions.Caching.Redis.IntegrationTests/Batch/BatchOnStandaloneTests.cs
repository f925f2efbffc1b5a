using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

public sealed class BatchOnStandaloneTests(BatchSubjects subjects) : BatchConformance(subjects)
{
    protected override async Task<IRedisServer> GetServerAsync() => await SharedServers.GetStandaloneAsync();
}
