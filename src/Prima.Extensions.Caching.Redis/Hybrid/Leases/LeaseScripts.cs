using Prima.Extensions.Caching.Redis.Distributed;
using Prima.Extensions.Caching.Redis.Operations;

namespace Prima.Extensions.Caching.Redis.Hybrid.Leases;

/// <summary>The scripts of leases, and what a lease is in Redis.</summary>
/// <remarks>
/// <code>
/// STRING at LeaseKey, with the TTL of the lease
///   32 bytes   the holder: 16 hexadecimal digits that name its node, 16 that name this claim
///   32 bytes   one who waits, likewise
///   ...
/// </code>
/// Who appends first holds the lease; who appends later waits, and is told by a message on its node's channel when the lease ends:
/// <code>
/// PUBLISH __prima_wake__:{node}  {claim}
/// </code>
/// In all scripts KEYS[1] is the entry's key and KEYS[2] the lease's. A node may have no right to publish: then its waiters wait for the lease's end.
/// </remarks>
internal static class LeaseScripts
{
    public const string WakeChannel = "__prima_wake__:";

    /// <summary>What a claim appends: its node and its number.</summary>
    public const int ClaimLength = 32;

    public const int NodeLength = 16;

    /// <summary>Answer of <see cref="Take"/>: the lease is yours.</summary>
    public const int Held = -10;

    /// <summary>Answer of <see cref="Take"/>: there is another entry under the key than you saw.</summary>
    public const int Changed = -11;

    /// <summary>For "seen": whatever there is.</summary>
    public const string SeenAnything = "*";

    /// <summary>Defines <c>write(first)</c>: writes the hash under KEYS[1] from ARGV[first]... as <see cref="WriteOperation.WriteEntry"/> adds it.</summary>
    public const string WriteHash =
        $"""
        local function write(first)
          local key, absexp, sldexp, data, ttl = KEYS[1], ARGV[first], ARGV[first + 1], ARGV[first + 2], ARGV[first + 3]
          local added = {EntryScripts.WriteEntry}
          return added
        end
        """;

    /// <summary>The same for a string.</summary>
    public const string WriteString =
        """
        local function write(first)
          if ARGV[first + 1] == '-1' then return redis.pcall('SET', KEYS[1], ARGV[first]) end
          return redis.pcall('SET', KEYS[1], ARGV[first], 'PX', ARGV[first + 1])
        end
        """;

    // How the entry begins; false = there is nothing, or nothing that is an entry.
    private const string Begins =
        """
        local function beginning()
          local kind, present = redis.call('TYPE', KEYS[1]).ok, false
          if kind == 'hash' then
            present = redis.call('HGET', KEYS[1], 'data')
          elseif kind == 'string' then
            present = redis.call('GETRANGE', KEYS[1], 0, 63)
            if string.sub(present, 1, 3) ~= '\245PR' then present = false end
          end
          return present and string.sub(present, 1, 64)
        end
        local function beginsWith(value)
          local present = beginning()
          return present and string.find(present, value, 1, true) ~= nil
        end
        """;

    // What is there begins as what the claimant saw, if it saw anything; or there is nothing.
    private const string IsAsSeen =
        $"""
        {Begins}
        local function isAsSeen(seen)
          return seen == '*' or not beginning() or seen ~= '' and beginsWith(seen)
        end
        """;

    private const string EndLease =
        """
        local claims = redis.call('GET', KEYS[2])
        local function isHolder(claim)
          return claims and string.sub(claims, 1, #claim) == claim
        end
        local function endLease()
          if not claims then return end
          redis.call('DEL', KEYS[2])
          for i = 33, #claims, 32 do
            redis.pcall('PUBLISH', '__prima_wake__:' .. string.sub(claims, i, i + 15), string.sub(claims, i + 16, i + 31))
          end
        end
        """;

    /// <summary>
    /// Takes the lease, or joins those who wait for it. ARGV[1] claim, ARGV[2] the lease's milliseconds, ARGV[3] how the entry began that the claimant saw, empty = there was none.
    /// Answers with <see cref="Held"/>, <see cref="Changed"/>, or the milliseconds until somebody else's lease ends. One without an end, which a user leaves behind who may not call all of this, gets one.
    /// </summary>
    public static readonly RespScript Take = new(
        $"""
        {IsAsSeen}
        if redis.call('APPEND', KEYS[2], ARGV[1]) > #ARGV[1] then
          local left = redis.call('PTTL', KEYS[2])
          if left >= 0 then return left end
          redis.call('PEXPIRE', KEYS[2], ARGV[2])
          return tonumber(ARGV[2])
        end
        if not isAsSeen(ARGV[3]) then
          redis.call('DEL', KEYS[2])
          return -11
        end
        redis.call('PEXPIRE', KEYS[2], ARGV[2])
        return -10
        """);

    /// <summary>Lengthens the lease of the holder. ARGV[1] claim, ARGV[2] milliseconds. Answers with 1, or 0 where it is not the holder any more.</summary>
    public static readonly RespScript Renew = new(
        """
        if redis.call('GETRANGE', KEYS[2], 0, 31) ~= ARGV[1] then return 0 end
        return redis.call('PEXPIRE', KEYS[2], ARGV[2])
        """);

    /// <summary>Gives the lease of the holder back. ARGV[1] claim.</summary>
    public static readonly RespScript Release = new(
        $"""
        {EndLease}
        if not isHolder(ARGV[1]) then return 0 end
        endLease()
        return 1
        """);

    /// <summary>Whether there is an entry that begins so: the value itself is not sent. ARGV[3] how it begins. Answers with 1 or 0.</summary>
    public static readonly RespScript Compare = new(
        $"""
        {Begins}
        return beginsWith(ARGV[3]) and 1 or 0
        """);

    /// <summary>
    /// Removes the entry, and ends the lease whoever holds it. Redis announces only changes, and a node can hold in its L1 what Redis lost or never got:
    /// so where nothing is to be removed, something is made first.
    /// </summary>
    public static readonly RespScript Remove = new(
        $"""
        {EndLease}
        if redis.call('UNLINK', KEYS[1]) == 0 then
          local made = redis.pcall('HSET', KEYS[1], 'data', '')
          if type(made) == 'table' then redis.pcall('SET', KEYS[1], '', 'PX', 1) end
          redis.call('DEL', KEYS[1])
        end
        endLease()
        return 1
        """);

    /// <summary>Ends the lease whoever holds it, after the entry was written in the same transaction.</summary>
    public static readonly RespScript End = new(
        $"""
        {EndLease}
        endLease()
        return 1
        """);

    public static readonly RespScript FillHash = Fill(WriteHash);

    public static readonly RespScript FillString = Fill(WriteString);

    public static readonly RespScript SetHash = Set(WriteHash);

    public static readonly RespScript SetString = Set(WriteString);

    /// <summary>
    /// Writes the entry if the lease still stands and nobody else wrote one, and ends the lease.
    /// ARGV[1] claim, ARGV[2] how the entry began that the claimant saw, ARGV[3]... the entry. Answers with 1, or 0 where it was not written.
    /// </summary>
    private static RespScript Fill(string write) => new(
        $"""
        {IsAsSeen}
        {EndLease}
        {write}
        if not isHolder(ARGV[1]) then return 0 end
        local result = 0
        if isAsSeen(ARGV[2]) then
          result = write(3)
          if type(result) ~= 'table' or not result.err then result = 1 end
        end
        endLease()
        return result
        """);

    /// <summary>Writes the entry, and ends the lease whoever holds it. ARGV[1]... the entry.</summary>
    private static RespScript Set(string write) => new(
        $"""
        {EndLease}
        {write}
        local result = write(1)
        if type(result) == 'table' and result.err then return result end
        endLease()
        return 1
        """);
}
