using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>Redis, or what stands in its place, answered something that the command cannot answer.</summary>
internal sealed class UnexpectedReplyException(string message) : RedisException(message);
