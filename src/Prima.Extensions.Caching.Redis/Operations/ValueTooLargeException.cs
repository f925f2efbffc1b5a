using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>A value has more bytes than the options allow, and was not sent.</summary>
internal sealed class ValueTooLargeException(long length, int limit)
    : RedisException($"The value has {length} bytes, which is more than {nameof(PrimaRedisCacheOptions)}.{nameof(PrimaRedisCacheOptions.MaximumValueBytes)} allows ({limit}). It was not sent.");
