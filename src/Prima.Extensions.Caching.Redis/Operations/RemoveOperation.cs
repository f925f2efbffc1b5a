using RESPite.Messages;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>Removes what is under a key, of whatever type it is.</summary>
internal readonly struct RemoveOperation(RedisKey key) : IRedisOperation<bool>
{
    private enum Step
    {
        Unlink,
        Delete,
    }

    public static string Name => "remove";

    public static OperationKind Kind => OperationKind.Remove;

    public RedisKey Key => key;

    public int FirstStep => (int)Step.Unlink;

    public bool Degraded => false;

    public void Write(RespRequest request, int step) => request.Command((Step)step == Step.Unlink ? "UNLINK" : "DEL").Key(Key);

    // UNLINK came with Redis 4, and some that speak its protocol never got it.
    public bool TryNextStep(RedisErrorKind error, ref int step)
    {
        if ((Step)step != Step.Unlink || error != RedisErrorKind.UnknownCommand)
        {
            return false;
        }

        step = (int)Step.Delete;
        return true;
    }

    public bool TryRead(RedisErrorKind error, out bool result)
    {
        result = false;
        return false;
    }

    public bool TryRead(in RespReader reply, ref int step, out bool result, out TimeSpan? newTimeToLive)
    {
        result = true;
        newTimeToLive = null;
        return true;
    }
}
