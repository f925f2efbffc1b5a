using Prima.Extensions.Caching.Redis.Operations;
using RESPite.Messages;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>Asks the server of a key for its time, in UTC ticks; 0 = not known.</summary>
internal readonly struct TimeOperation(RedisKey key) : IRedisOperation<long>
{
    // A script goes to the server of its key, so all nodes of the cache ask the same one of a cluster. KEYS[1] is not touched.
    private static readonly RespScript Time = new("return redis.call('TIME')");

    private enum Step
    {
        Script,
        Command,
    }

    public static string Name => "time";

    public static OperationKind Kind => OperationKind.Other;

    public RedisKey Key => key;

    public int FirstStep => (int)Step.Script;

    public long Degraded => 0;

    public void Write(RespRequest request, int step)
    {
        if ((Step)step == Step.Script)
        {
            request.Script(Time, keyCount: 1).Key(Key);
        }
        else
        {
            request.Command("TIME");
        }
    }

    public bool TryNextStep(RedisErrorKind error, ref int step)
    {
        if ((Step)step != Step.Script || !error.Refuses())
        {
            return false;
        }

        step = (int)Step.Command;
        return true;
    }

    public bool TryRead(RedisErrorKind error, out long result)
    {
        result = 0;
        return error.Refuses();
    }

    public bool TryRead(in RespReader reply, ref int step, out long result, out TimeSpan? newTimeToLive)
    {
        newTimeToLive = null;
        result = 0;
        if (!reply.IsAggregate || !reply.AggregateLengthIs(2))
        {
            throw new UnexpectedReplyException("Redis answered TIME with something else than two numbers.");
        }

        var parts = reply.AggregateChildren();
        parts.DemandNext();
        var isTime = parts.Value.TryReadInt64(out var seconds);
        parts.DemandNext();
        isTime &= parts.Value.TryReadInt64(out var microseconds);
        if (!isTime || seconds is < 0 or > 253_402_300_799 || microseconds is < 0 or > 999_999)
        {
            throw new UnexpectedReplyException("Redis answered TIME with something else than a time.");
        }

        result = DateTimeOffset.UnixEpoch.Ticks + (seconds * TimeSpan.TicksPerSecond) + (microseconds * TimeSpan.TicksPerMicrosecond);
        return true;
    }
}
