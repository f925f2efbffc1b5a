using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Leases;

/// <summary>Two keys in one slot.</summary>
/// <param name="Entry">The key of the entry.</param>
/// <param name="Lease">The key of its lease.</param>
internal readonly record struct LeaseKeys(RedisKey Entry, RedisKey Lease);
