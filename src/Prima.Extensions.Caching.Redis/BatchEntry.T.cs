using Microsoft.Extensions.Caching.Distributed;

namespace Prima.Extensions.Caching.Redis;

/// <summary>An entry to set whose value is serialized by <see cref="PrimaRedisCacheOptions.SerializerFactory"/>.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
/// <param name="Options">The expiration.</param>
public readonly record struct BatchEntry<T>(string Key, T Value, DistributedCacheEntryOptions Options);
