using Prima.Extensions.Caching.Redis.Distributed;
using Prima.Extensions.Caching.Redis.Operations;
using RESPite.Messages;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>Gives a mark another life, which a full Redis allows too; writes it where it is not there.</summary>
internal readonly struct MarkOperation(WriteOperation write, TimeSpan life) : IRedisOperation<bool>
{
    private const int Renewal = -1;

    public static string Name => "mark";

    // Not a write of the application's: there is nothing to remember of one that fails.
    public static OperationKind Kind => OperationKind.Other;

    public RedisKey Key => write.Key;

    public int FirstStep => Renewal;

    public bool Degraded => false;

    public void Write(RespRequest request, int step)
    {
        if (step == Renewal)
        {
            request.Command("PEXPIRE").Key(Key).Value((long)life.TotalMilliseconds);
        }
        else
        {
            write.Write(request, step);
        }
    }

    public bool TryNextStep(RedisErrorKind error, ref int step) => step != Renewal && write.TryNextStep(error, ref step);

    public bool TryRead(RedisErrorKind error, out bool result)
    {
        result = false;
        return false;
    }

    public bool TryRead(in RespReader reply, ref int step, out bool result, out TimeSpan? newTimeToLive)
    {
        if (step != Renewal)
        {
            return write.TryRead(reply, ref step, out result, out newTimeToLive);
        }

        newTimeToLive = null;
        result = reply.IsScalar && reply.TryReadInt64(out var renewed) && renewed == 1;
        step = write.FirstStep;
        return result;
    }
}
