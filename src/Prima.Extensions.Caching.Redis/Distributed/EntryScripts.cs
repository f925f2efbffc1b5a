using Prima.Extensions.Caching.Redis.Operations;

namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>The scripts of the hash layout.</summary>
internal static class EntryScripts
{
    // HSET comes first because Redis refuses the first write of a script when it is out of memory, and no later one.
    // More than three fields afterwards are a foreign hash, which is replaced and not added to.
    // Works on the locals key, absexp, sldexp and data, and on `added`, which is a table afterwards where Redis refused.
    public const string WriteFields =
        """
        redis.pcall('HSET', key, 'absexp', absexp, 'sldexp', sldexp, 'data', data)
          if added ~= 0 then
            local isError = type(added) == 'table'
            if isError and string.find(added.err, 'WRONGTYPE', 1, true) or not isError and redis.call('HLEN', key) > 3 then
              redis.call('UNLINK', key)
              added = redis.pcall('HSET', key, 'absexp', absexp, 'sldexp', sldexp, 'data', data)
            end
          end
        """;

    // The same, and the TTL in the local ttl. An entry whose TTL is refused does not stay.
    public const string WriteEntry =
        $"""
        {WriteFields}
          if type(added) ~= 'table' then
            local ended = ttl == '-1' and redis.pcall('PERSIST', key) or redis.pcall('PEXPIRE', key, ttl)
            if type(ended) == 'table' then
              redis.pcall('UNLINK', key)
              added = ended
            end
          end
        """;

    /// <summary>
    /// Replaces whatever is under the key by an entry, with its TTL or none, in one atomic step.
    /// KEYS[1] key; ARGV[1] absexp, ARGV[2] sldexp, ARGV[3] data, ARGV[4] TTL in milliseconds, -1 = none.
    /// </summary>
    public static readonly RespScript Write = new(
        $"""
        local key, absexp, sldexp, data, ttl = KEYS[1], unpack(ARGV)
        local added = {WriteEntry}
        if type(added) == 'table' then return added end
        return 1
        """);

    /// <summary>
    /// The same for several keys. Each entry is written or not by itself.
    /// KEYS[i] key; ARGV[4i-3] absexp, ARGV[4i-2] sldexp, ARGV[4i-1] data, ARGV[4i] TTL in milliseconds, -1 = none.
    /// Answers with the numbers, from 1, of the entries that were refused.
    /// </summary>
    public static readonly RespScript WriteMany = new(
        $$"""
        local refused = {}
        for i, key in ipairs(KEYS) do
          local absexp, sldexp, data, ttl = ARGV[4*i-3], ARGV[4*i-2], ARGV[4*i-1], ARGV[4*i]
          local added = {{WriteEntry}}
          if type(added) == 'table' then refused[#refused+1] = i end
        end
        return refused
        """);

    /// <summary>
    /// What HMGET of the three fields answers, with an empty string in place of the value, which may be large.
    /// KEYS[1] key.
    /// </summary>
    public static readonly RespScript ReadMetadata = new(
        """
        local fields = redis.call('HMGET', KEYS[1], 'absexp', 'sldexp')
        fields[3] = redis.call('HEXISTS', KEYS[1], 'data') == 1 and ''
        return fields
        """);

    /// <summary>
    /// What HMGET of the three fields answers, for a key that has a TTL; for one without, as if it were not there.
    /// KEYS[1] key.
    /// </summary>
    public static readonly RespScript ReadWithTtl = new(
        """
        if redis.call('PTTL', KEYS[1]) < 0 then return {false, false, false} end
        return redis.call('HMGET', KEYS[1], 'absexp', 'sldexp', 'data')
        """);
}
