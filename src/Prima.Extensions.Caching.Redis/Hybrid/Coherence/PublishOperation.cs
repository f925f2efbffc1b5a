using Prima.Extensions.Caching.Redis.Operations;
using RESPite.Messages;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>Sends a message to all who listen to a channel.</summary>
internal readonly struct PublishOperation(RedisKey channel, bool isSharded, RedisValue message) : IRedisOperation<PublishResult>
{
    public static string Name => "announce";

    public static OperationKind Kind => OperationKind.Other;

    // A sharded channel belongs to a slot, like a key.
    public RedisKey Key => channel;

    public int FirstStep => 0;

    public PublishResult Degraded => PublishResult.Failed;

    public void Write(RespRequest request, int step)
    {
        if (isSharded)
        {
            request.Command("SPUBLISH").Key(channel).Value(message);
        }
        else
        {
            request.Command("PUBLISH").Value((byte[])channel!).Value(message);
        }
    }

    public bool TryNextStep(RedisErrorKind error, ref int step) => false;

    public bool TryRead(RedisErrorKind error, out PublishResult result)
    {
        result = PublishResult.Refused;
        return error is RedisErrorKind.NoPermission or RedisErrorKind.NotPermitted;
    }

    public bool TryRead(in RespReader reply, ref int step, out PublishResult result, out TimeSpan? newTimeToLive)
    {
        newTimeToLive = null;
        result = PublishResult.Sent;
        return true;
    }
}
