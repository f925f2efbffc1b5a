using Prima.Extensions.Caching.Redis.Distributed;
using Prima.Extensions.Caching.Redis.Hybrid.Leases;
using Prima.Extensions.Caching.Redis.Operations;

namespace Prima.Extensions.Caching.Redis.Hybrid.Tags;

/// <summary>The scripts that write a tag's stamp unless a later one stands there: one that comes late would make entries valid again.</summary>
/// <remarks>KEYS[1] the stamp's key, ARGV[1]... the entry. The answer is the stamp that stands then. A user who may not read has its stamp written in any case.</remarks>
internal static class StampScripts
{
    // A stamp that is refused its TTL stays: it takes memory, and without it removed data would be valid again.
    private const string WriteHash =
        $"""
        local function write()
          local key, absexp, sldexp, data, ttl = KEYS[1], unpack(ARGV)
          local added = {EntryScripts.WriteFields}
          if type(added) ~= 'table' then redis.pcall('PEXPIRE', key, ttl) end
          return added
        end
        """;

    // Nodes of both layouts remove tags while it is changed. In a string a stamp is behind the frame of an entry with an absolute expiration,
    // which is what the writer of a stamp gives it.
    private const string Read =
        """
        local function ofHash()
          return redis.pcall('HMGET', KEYS[1], 'data')[1]
        end
        local function ofString()
          local present = redis.pcall('GET', KEYS[1])
          return type(present) == 'string' and string.match(present, '^\245PR\17[\128-\255]*[%z\1-\127](........)$')
        end
        """;

    public static readonly RespScript RaiseHash = Raise(WriteHash, "ARGV[3], ofHash() or ofString()");

    public static readonly RespScript RaiseString = Raise(LeaseScripts.WriteString, "string.sub(ARGV[1], -8), ofString() or ofHash()");

    // Compared by bytes: a number of Lua has not enough digits, and its strings compare by the server's locale. A negative stamp is none.
    private static RespScript Raise(string write, string stampAndPresent) => new(
        $"""
        {write}
        {Read}
        local stamp, present = {stampAndPresent}
        local function stands()
          if not present or #present ~= 8 or string.byte(present, 8) > 127 then return false end
          for i = 8, 1, -1 do
            local theirs, ours = string.byte(present, i), string.byte(stamp, i)
            if theirs ~= ours then return theirs > ours end
          end
          return true
        end
        if stands() then return present end
        local result = write(1)
        if type(result) == 'table' and result.err then return result end
        return stamp
        """);
}
