using Prima.Extensions.Caching.Redis.Distributed;
using Prima.Extensions.Caching.Redis.Operations;
using RESPite.Messages;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Leases;

/// <summary>Writes an entry, and in the same atomic step ends a lease that somebody may hold for it. Where scripts are refused nobody holds any: then it just writes.</summary>
/// <remarks>A large value is written by a transaction that has the script for the lease as its last command, and does not pass through Lua.</remarks>
internal readonly struct VoidingWriteOperation(WriteOperation write, EntryLayout layout, LeaseKeys keys) : IRedisOperation<bool>
{
    private const int Script = -1;

    public static string Name => WriteOperation.Name;

    public static OperationKind Kind => OperationKind.Set;

    public RedisKey Key => keys.Entry;

    public int FirstStep => write.LargeStep ?? Script;

    public bool Degraded => false;

    public void Write(RespRequest request, int step)
    {
        if (step != Script)
        {
            write.Write(request, step);
            if (step == WriteOperation.LargeTransaction)
            {
                request.ScriptByText(LeaseScripts.End, keyCount: 2).Key(keys.Entry).Key(keys.Lease);
            }

            return;
        }

        request.Script(layout == EntryLayout.Hash ? LeaseScripts.SetHash : LeaseScripts.SetString, keyCount: 2).Key(keys.Entry).Key(keys.Lease);
        write.WriteEntry(request);
    }

    public bool TryNextStep(RedisErrorKind error, ref int step)
    {
        if (step == write.LargeStep || step == WriteOperation.LargeTransaction)
        {
            write.TryNextStep(error, ref step);
            step = Script;
            return true;
        }

        if (step != Script)
        {
            return write.TryNextStep(error, ref step);
        }

        if (!error.Refuses())
        {
            return false;
        }

        step = write.SmallStep;
        return true;
    }

    public bool TryRead(RedisErrorKind error, out bool result) => write.TryRead(error, out result);

    public bool TryRead(in RespReader reply, ref int step, out bool result, out TimeSpan? newTimeToLive)
    {
        if (step != Script)
        {
            return write.TryRead(reply, ref step, out result, out newTimeToLive);
        }

        newTimeToLive = null;
        result = true;
        return true;
    }
}
