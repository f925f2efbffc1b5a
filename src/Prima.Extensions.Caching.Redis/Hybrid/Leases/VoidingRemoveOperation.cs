using Prima.Extensions.Caching.Redis.Operations;
using RESPite.Messages;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Leases;

/// <summary>Removes an entry, and in the same atomic step ends a lease that somebody may hold for it. Where scripts are refused nobody holds any: then it just removes.</summary>
internal readonly struct VoidingRemoveOperation(RemoveOperation remove, LeaseKeys keys) : IRedisOperation<bool>
{
    private const int Script = -1;

    public static string Name => RemoveOperation.Name;

    public static OperationKind Kind => OperationKind.Remove;

    public RedisKey Key => keys.Entry;

    public int FirstStep => Script;

    public bool Degraded => false;

    public void Write(RespRequest request, int step)
    {
        if (step == Script)
        {
            request.Script(LeaseScripts.Remove, keyCount: 2).Key(keys.Entry).Key(keys.Lease);
        }
        else
        {
            remove.Write(request, step);
        }
    }

    public bool TryNextStep(RedisErrorKind error, ref int step)
    {
        if (step != Script)
        {
            return remove.TryNextStep(error, ref step);
        }

        if (!error.Refuses())
        {
            return false;
        }

        step = remove.FirstStep;
        return true;
    }

    public bool TryRead(RedisErrorKind error, out bool result) => remove.TryRead(error, out result);

    public bool TryRead(in RespReader reply, ref int step, out bool result, out TimeSpan? newTimeToLive)
    {
        newTimeToLive = null;
        result = true;
        return true;
    }
}
