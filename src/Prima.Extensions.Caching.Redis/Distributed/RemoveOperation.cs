using Prima.Extensions.Caching.Redis.Operations;
using RESPite.Messages;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>Removes what is under a key, of whatever type it is.</summary>
internal readonly struct RemoveOperation(EntryContext context, string key) : IRedisOperation<bool>
{
    private enum Step
    {
        Unlink,
        Delete,
    }

    public static string Name => "remove";

    public RedisKey Key => context.RedisKey(key);

    public int FirstStep => (int)Step.Unlink;

    public bool Degraded => false;

    public void Write(RespRequest request, int step)
    {
        context.SlidingEntries.Forget(key);
        request.Command((Step)step == Step.Unlink ? "UNLINK" : "DEL").Key(Key);
    }

    // UNLINK came with Redis 4, and some that speak its protocol never got it.
    public bool TryNextStep(RedisErrorKind error, ref int step)
    {
        var again = (Step)step == Step.Unlink && error == RedisErrorKind.UnknownCommand;
        step = (int)Step.Delete;
        return again;
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
