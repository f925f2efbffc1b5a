using Prima.Extensions.Caching.Redis.Hybrid.Leases;
using Prima.Extensions.Caching.Redis.Operations;

namespace Prima.Extensions.Caching.Redis.Hybrid.Tags;

/// <summary>The scripts that write a tag's stamp unless a later one stands there: one that comes late would make entries valid again.</summary>
/// <remarks>KEYS[1] the stamp's key, ARGV[1]... the entry. The answer is the stamp that stands then. A user who may not read has its stamp written in any case.</remarks>
internal static class StampScripts
{
    public static readonly RespScript RaiseHash = Raise(
        LeaseScripts.WriteHash,
        """
        local stamp = ARGV[3]
        local present = redis.pcall('HMGET', KEYS[1], 'data')[1]
        """);

    // Behind the frame of an entry with an absolute expiration, which is what the writer of a stamp gives it.
    public static readonly RespScript RaiseString = Raise(
        LeaseScripts.WriteString,
        """
        local stamp = string.sub(ARGV[1], -8)
        local present = redis.pcall('GET', KEYS[1])
        present = type(present) == 'string' and string.match(present, '^\245PR\17[\128-\255]*[%z\1-\127](........)$')
        """);

    // Compared by bytes: a number of Lua has not enough digits, and its strings compare by the server's locale. A negative stamp is none.
    private static RespScript Raise(string write, string read) => new(
        $"""
        {write}
        {read}
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
