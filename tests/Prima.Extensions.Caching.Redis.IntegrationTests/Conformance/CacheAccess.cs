namespace Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;

/// <summary>The ways into a distributed cache.</summary>
public enum CacheAccess
{
    Sync,
    Async,
    BufferSync,
    BufferAsync,
}
