using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Processes;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>A server whose commands, scripts and users are one test class' own.</summary>
public sealed class OwnServer() : ServerFixture<RedisProcess>(static () => RedisServers.StartProcessAsync());
