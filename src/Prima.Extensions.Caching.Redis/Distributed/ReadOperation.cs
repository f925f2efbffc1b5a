using Prima.Extensions.Caching.Redis.Entries;
using Prima.Extensions.Caching.Redis.Operations;
using RESPite.Messages;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>Reads an entry in whichever layout it has, and extends its TTL if it is sliding.</summary>
/// <remarks>The layout that the cache writes is asked for first; an entry of the other type is answered with WRONGTYPE, and asked for again.</remarks>
internal readonly struct ReadOperation<TConsumer, TResult>(EntryContext context, string key, TConsumer consumer, int? firstStep = null) : IRedisOperation<TResult>
    where TConsumer : struct, IEntryConsumer<TResult>
{
    /// <summary>The step for a key that MGET found no string under.</summary>
    public const int AfterNoString = (int)Step.HashAfterString;

    private enum Step
    {
        HashMetadata,
        Hash,
        HashAfterString,
        HashWithTtl,
        HashAtItsWord,
        String,
        StringAfterHash,
    }

    public static string Name => TConsumer.OperationName;

    public static OperationKind Kind => TConsumer.NeedsValue ? OperationKind.Get : OperationKind.Refresh;

    public static bool ReadsStrings => TConsumer.NeedsValue;

    public RedisKey Key => context.RedisKey(key);

    public int FirstStep => firstStep ?? (int)(
        context.Layout == EntryLayout.String ? Step.String
        : TConsumer.NeedsValue || context.ScriptsRefused ? Step.Hash
        : Step.HashMetadata);

    public TResult Degraded => consumer.Miss;

    public bool ReadsString(int step) => (Step)step is Step.String or Step.StringAfterHash;

    public void Write(RespRequest request, int step)
    {
        switch ((Step)step)
        {
            case Step.HashMetadata:
                request.Script(EntryScripts.ReadMetadata, keyCount: 1).Key(Key);
                break;
            case Step.HashWithTtl:
                request.Script(EntryScripts.ReadWithTtl, keyCount: 1).Key(Key);
                break;
            case Step.Hash or Step.HashAfterString or Step.HashAtItsWord:
                request.Command("HMGET").Key(Key).Value(HashFields.AbsoluteExpiration).Value(HashFields.SlidingExpiration).Value(HashFields.Data);
                break;
            case Step.String or Step.StringAfterHash when TConsumer.NeedsValue:
                request.Command("GET").Key(Key);
                break;
            default:
                request.Command("GETRANGE").Key(Key).Value(0).Value(EntryFrame.MaxLength - 1);
                break;
        }
    }

    public bool TryNextStep(RedisErrorKind error, ref int step)
    {
        Step? next = ((Step)step, error) switch
        {
            (Step.HashMetadata, _) when error.Refuses() => Step.Hash,
            (Step.HashWithTtl, _) when error.Refuses() => Step.HashAtItsWord,
            (Step.HashMetadata or Step.Hash or Step.HashAfterString, RedisErrorKind.WrongType) => Step.StringAfterHash,
            (Step.String, RedisErrorKind.WrongType) => Step.HashAfterString,
            _ => null,
        };
        step = (int)(next ?? (Step)step);
        return next is not null;
    }

    public bool TryRead(RedisErrorKind error, out TResult result)
    {
        result = consumer.Miss;
        if (error != RedisErrorKind.WrongType)
        {
            return false;
        }

        context.ForeignValueFound(key);
        return true;
    }

    public bool TryRead(in RespReader reply, ref int step, out TResult result, out TimeSpan? newTimeToLive)
    {
        newTimeToLive = null;
        result = consumer.Miss;
        if (reply.IsNull)
        {
            return true;
        }

        if ((Step)step is Step.String or Step.StringAfterHash)
        {
            result = ReadString(reply, out newTimeToLive);
            return true;
        }

        return TryReadHash(reply, ref step, out result, out newTimeToLive);
    }

    /// <summary>Reads what GET or MGET answered for the key, which is not null.</summary>
    public TResult ReadString(in RespReader reader, out TimeSpan? newTimeToLive)
    {
        if (!reader.IsScalar)
        {
            throw new UnexpectedReplyException("Redis answered GET with something else than a string.");
        }

        return ReadString(reader.Contiguous(), out newTimeToLive);
    }

    public TResult ReadString(ReadOnlySpan<byte> value, out TimeSpan? newTimeToLive)
    {
        newTimeToLive = null;
        if (!EntryFrame.TryRead(value, out var expiration, out var length))
        {
            // GETRANGE answers a missing key with an empty string.
            if (TConsumer.NeedsValue || !value.IsEmpty)
            {
                context.ForeignValueFound(key);
            }

            return consumer.Miss;
        }

        var now = context.UtcNow;
        if (expiration.IsPast(now))
        {
            return consumer.Miss;
        }

        newTimeToLive = Extension(expiration, now);
        return Take(value[length..]);
    }

    private bool TryReadHash(in RespReader reader, ref int step, out TResult result, out TimeSpan? newTimeToLive)
    {
        newTimeToLive = null;
        result = consumer.Miss;
        if (!reader.IsAggregate || !reader.AggregateLengthIs(3))
        {
            throw new UnexpectedReplyException("Redis answered HMGET of three fields with something else than three values.");
        }

        var fields = reader.AggregateChildren();
        fields.DemandNext();
        var isOurs = TryReadTicks(fields.Value, out var absoluteTicks);
        fields.DemandNext();
        isOurs &= TryReadTicks(fields.Value, out var slidingTicks);
        fields.DemandNext();
        if (fields.Value.IsNull)
        {
            return true;
        }

        if (!isOurs || !fields.Value.IsScalar || !EntryExpiration.TryCreate(absoluteTicks, slidingTicks, out var expiration))
        {
            context.ForeignValueFound(key);
            return true;
        }

        var now = context.UtcNow;
        if (expiration.IsPast(now))
        {
            switch ((Step)step)
            {
                case Step.HashWithTtl:
                    break;
                case Step.HashAtItsWord:
                    return true;
                default:
                    // Either the key lost its TTL, or a node on Microsoft's provider wrote the local time of a zone west of Greenwich as if it were UTC.
                    step = (int)Step.HashWithTtl;
                    return false;
            }
        }
        else
        {
            newTimeToLive = Extension(expiration, now);
        }

        result = Take(fields.Value.Contiguous());
        return true;
    }

    private TResult Take(ReadOnlySpan<byte> value)
    {
        if (TConsumer.NeedsValue)
        {
            if (value.Length > context.MaximumValueBytes)
            {
                context.LargeValueFound(key, value.Length);
                return consumer.Miss;
            }

            context.Telemetry.Transferred(Name, value.Length);
        }

        return consumer.Take(value);
    }

    // A refresh asks for nothing else, so it always extends.
    private TimeSpan? Extension(EntryExpiration expiration, DateTimeOffset now) =>
        expiration.IsSliding && (!TConsumer.NeedsValue || context.SlidingEntries.IsDue(key, expiration))
            ? TimeSpan.FromMilliseconds(expiration.TimeToLive(now))
            : null;

    private static bool TryReadTicks(in RespReader field, out long ticks)
    {
        ticks = EntryExpiration.None;
        return field.IsNull || (field.IsScalar && field.TryReadInt64(out ticks));
    }
}
