using System.Buffers.Binary;
using Prima.Extensions.Caching.Redis.Distributed;
using Prima.Extensions.Caching.Redis.Operations;
using RESPite.Messages;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Tags;

/// <summary>Writes a tag's stamp, unless a later one stands there, and answers with the one that stands; 0 = Redis could not be asked. Where scripts are refused it just writes.</summary>
internal readonly struct StampOperation(WriteOperation write, EntryLayout layout, long stamp) : IRedisOperation<long>
{
    private const int Script = -1;

    public static string Name => "remove-tag";

    public static OperationKind Kind => OperationKind.Set;

    public RedisKey Key => write.Key;

    public int FirstStep => Script;

    public long Degraded => 0;

    public void Write(RespRequest request, int step)
    {
        switch (step)
        {
            case Script:
                request.Script(layout == EntryLayout.Hash ? StampScripts.RaiseHash : StampScripts.RaiseString, keyCount: 1).Key(Key);
                write.WriteEntry(request);
                break;
            case WriteOperation.TransactionProbe:
                // The stamp that stands is not unlinked as an entry is: should the write fail, what it removed would be valid again.
                request.Command("PEXPIRE").Key(Key).Value(write.TimeToLive).Command("PEXPIRE").Key(Key).Value(write.TimeToLive);
                break;
            default:
                write.Write(request, step);
                break;
        }
    }

    public bool TryNextStep(RedisErrorKind error, ref int step)
    {
        if (step != Script)
        {
            return write.TryNextStep(error, ref step);
        }

        if (!error.Refuses())
        {
            return false;
        }

        step = write.FirstStep;
        return true;
    }

    public bool TryRead(RedisErrorKind error, out long result)
    {
        result = 0;
        return write.TryRead(error, out _);
    }

    public bool TryRead(in RespReader reply, ref int step, out long result, out TimeSpan? newTimeToLive)
    {
        result = stamp;
        if (step != Script)
        {
            return write.TryRead(reply, ref step, out _, out newTimeToLive);
        }

        newTimeToLive = null;
        if (!reply.IsScalar || reply.Contiguous() is not { Length: sizeof(long) } standing)
        {
            throw new UnexpectedReplyException("Redis answered the script for a tag's stamp with something else than a stamp.");
        }

        result = BinaryPrimitives.ReadInt64LittleEndian(standing);
        return true;
    }
}
