using Prima.Extensions.Caching.Redis.Distributed;
using Prima.Extensions.Caching.Redis.Operations;
using RESPite.Messages;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Leases;

/// <summary>Writes what a factory made, if its lease still stands; condition and write are one atomic step.</summary>
internal readonly struct FillOperation(WriteOperation write, EntryLayout layout, LeaseKeys keys, RedisValue claim, ReadOnlyMemory<byte> seen) : IRedisOperation<FillResult>
{
    public static string Name => "fill";

    public static OperationKind Kind => OperationKind.Other;

    public RedisKey Key => keys.Entry;

    public int FirstStep => 0;

    public FillResult Degraded => FillResult.Failed;

    public void Write(RespRequest request, int step)
    {
        request.Script(layout == EntryLayout.Hash ? LeaseScripts.FillHash : LeaseScripts.FillString, keyCount: 2).Key(keys.Entry).Key(keys.Lease).Value(claim).Value(seen);
        write.WriteEntry(request);
    }

    public bool TryNextStep(RedisErrorKind error, ref int step) => false;

    public bool TryRead(RedisErrorKind error, out FillResult result)
    {
        result = FillResult.Failed;
        return false;
    }

    public bool TryRead(in RespReader reply, ref int step, out FillResult result, out TimeSpan? newTimeToLive)
    {
        newTimeToLive = null;
        result = LeaseReply.Read(reply) == 1 ? FillResult.Written : FillResult.Refused;
        return true;
    }
}
