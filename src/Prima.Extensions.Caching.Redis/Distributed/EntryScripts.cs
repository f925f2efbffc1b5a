using Prima.Extensions.Caching.Redis.Operations;

namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>The scripts of the hash layout. Each touches one key, so they run on any cluster.</summary>
internal static class EntryScripts
{
    /// <summary>
    /// Replaces whatever is under the key by an entry, with its TTL or none, in one atomic step.
    /// KEYS[1] key; ARGV[1] absexp, ARGV[2] sldexp, ARGV[3] data, ARGV[4] TTL in milliseconds, -1 = none.
    /// </summary>
    /// <remarks>
    /// HSET comes first because Redis refuses the first write of a script when it is out of memory, and no later one.
    /// More than three fields afterwards are a foreign hash, which is replaced and not added to.
    /// </remarks>
    public static readonly RespScript Write = new(
        """
        local added = redis.pcall('HSET', KEYS[1], 'absexp', ARGV[1], 'sldexp', ARGV[2], 'data', ARGV[3])
        if added ~= 0 then
          local isError = type(added) == 'table'
          if isError and not string.find(added.err, 'WRONGTYPE', 1, true) then return added end
          if isError or redis.call('HLEN', KEYS[1]) > 3 then
            redis.call('UNLINK', KEYS[1])
            redis.call('HSET', KEYS[1], 'absexp', ARGV[1], 'sldexp', ARGV[2], 'data', ARGV[3])
          end
        end
        if ARGV[4] == '-1' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
        return 1
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
}
