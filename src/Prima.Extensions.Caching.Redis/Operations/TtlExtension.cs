using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>A TTL that a key gets by a command that nobody waits for.</summary>
internal readonly record struct TtlExtension(RedisKey Key, TimeSpan TimeToLive);
