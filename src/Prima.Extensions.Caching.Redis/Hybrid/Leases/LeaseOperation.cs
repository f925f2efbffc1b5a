using Prima.Extensions.Caching.Redis.Operations;
using RESPite.Messages;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Leases;

/// <summary>Takes, lengthens or gives back a lease. The answer is the script's; <see langword="null"/> = Redis could not be asked.</summary>
internal readonly struct LeaseOperation(RespScript script, LeaseKeys keys, RedisValue claim, long milliseconds, ReadOnlyMemory<byte> seen) : IRedisOperation<long?>
{
    public static string Name => "lease";

    public static OperationKind Kind => OperationKind.Other;

    public RedisKey Key => keys.Entry;

    public int FirstStep => 0;

    public long? Degraded => null;

    public void Write(RespRequest request, int step) =>
        request.Script(script, keyCount: 2).Key(keys.Entry).Key(keys.Lease).Value(claim).Value(milliseconds).Value(seen);

    public bool TryNextStep(RedisErrorKind error, ref int step) => false;

    public bool TryRead(RedisErrorKind error, out long? result)
    {
        result = LeaseReply.Refused;
        return error.Refuses();
    }

    public bool TryRead(in RespReader reply, ref int step, out long? result, out TimeSpan? newTimeToLive)
    {
        newTimeToLive = null;
        result = LeaseReply.Read(reply);
        return true;
    }
}
