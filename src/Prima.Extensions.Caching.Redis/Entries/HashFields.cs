using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Entries;

/// <summary>
/// The hash layout, as Microsoft.Extensions.Caching.StackExchangeRedis has it since version 1:
/// <code>
/// HASH at  InstanceName ++ key
///   absexp   decimal UTC ticks of the absolute expiration, -1 = none
///   sldexp   decimal ticks of the sliding expiration, -1 = none
///   data     the value
/// </code>
/// All three are written, always; nothing else is.
/// </summary>
internal static class HashFields
{
    public static readonly RedisValue AbsoluteExpiration = "absexp";
    public static readonly RedisValue SlidingExpiration = "sldexp";
    public static readonly RedisValue Data = "data";
}
