using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Topologies;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>A cluster whose nodes are one test class' own to kill; those that are left go on answering.</summary>
public sealed class OwnCluster() : ServerFixture<RedisCluster>(static () => RedisServers.StartClusterAsync("cluster-require-full-coverage no"));
