using System.Buffers;
using Prima.Extensions.Caching.Redis.Entries;
using Prima.Extensions.Caching.Redis.Operations;
using RESPite.Messages;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>Replaces whatever is under a key by an entry; value and TTL arrive together or not at all.</summary>
internal readonly struct WriteOperation(EntryContext context, string key, ReadOnlySequence<byte> value, EntryExpiration expiration, long timeToLive)
    : IRedisOperation<bool>
{
    /// <summary>The step that finds out whether transactions are allowed.</summary>
    public const int TransactionProbe = (int)Step.TransactionProbe;

    /// <summary>The step that writes a large value by a transaction, to which more can be added.</summary>
    public const int LargeTransaction = (int)Step.LargeTransaction;

    // A script has the value copied into Lua and out of it. From here on a transaction costs the server less, though it is more commands.
    private const int LargeValue = 8192;

    // A hash goes by script, and by transaction where scripts are refused; a large one by transaction, and by script where that fails.
    private enum Step
    {
        String,
        LargeProbe,
        LargeTransaction,
        HashScript,
        TransactionProbe,
        HashTransaction,
    }

    public static string Name => "set";

    public static OperationKind Kind => OperationKind.Set;

    public RedisKey Key => context.RedisKey(key);

    /// <summary>The first step of a large value where there are transactions, in either layout; <see langword="null"/> = a script does as well.</summary>
    public int? LargeStep { get; } =
        value.Length < LargeValue || context.ScriptsRefused || context.Transactions == TransactionSupport.Refused ? null
        : context.Transactions == TransactionSupport.Seen ? (int)Step.LargeTransaction
        : (int)Step.LargeProbe;

    /// <summary>The first step of any other value.</summary>
    public int SmallStep => (int)(
        context.Layout == EntryLayout.String ? Step.String
        : context.ScriptsRefused ? Step.HashTransaction
        : Step.HashScript);

    public int FirstStep => context.Layout == EntryLayout.Hash ? LargeStep ?? SmallStep : SmallStep;

    /// <summary>Whether one script can write the entry together with others.</summary>
    public bool IsByScript => (Step)FirstStep == Step.HashScript;

    public bool Degraded => false;

    /// <summary>In milliseconds; <see cref="EntryExpiration.None"/> = it has none.</summary>
    public long TimeToLive => timeToLive;

    /// <exception cref="ValueTooLargeException">The value is larger than the options allow.</exception>
    public void Write(RespRequest request, int step)
    {
        Demand();
        switch ((Step)step)
        {
            case Step.String:
                WriteString(request);
                break;
            case Step.HashScript:
                WriteFields(request.Script(EntryScripts.Write, keyCount: 1).Key(Key));
                break;
            // Where MULTI is refused, Redis carries out one by one what comes after it: first with what does no harm.
            case Step.LargeProbe when context.Layout == EntryLayout.Hash:
                request.Command("HMGET").Key(Key).Value(HashFields.AbsoluteExpiration).Command("HMGET").Key(Key).Value(HashFields.AbsoluteExpiration);
                break;
            case Step.LargeProbe:
                request.Command("GETRANGE").Key(Key).Value(0).Value(0).Command("GETRANGE").Key(Key).Value(0).Value(0);
                break;
            case Step.TransactionProbe:
                request.Command("UNLINK").Key(Key).Command("UNLINK").Key(Key);
                break;
            case Step.LargeTransaction when context.Layout == EntryLayout.String:
                WriteString(request);
                break;
            default:
                WriteTransaction(request);
                break;
        }
    }

    /// <summary>Adds what the scripts take for one entry.</summary>
    public void WriteFields(RespRequest request)
    {
        context.SlidingEntries.Forget(key);
        request.Value(expiration.AbsoluteTicks).Value(expiration.SlidingTicks).Value(value).Value(timeToLive);
    }

    /// <summary>The fault that writing ends in, if the value is larger than the options allow.</summary>
    public ValueTooLargeException? TooLarge =>
        value.Length > context.MaximumValueBytes ? new(value.Length, context.MaximumValueBytes) : null;

    /// <summary>Adds the value as this cache's layout stores it, for a script: ahead of it, in the hash layout, both expirations; after it the TTL.</summary>
    /// <exception cref="ValueTooLargeException">The value is larger than the options allow.</exception>
    public void WriteEntry(RespRequest request)
    {
        Demand();
        if (context.Layout == EntryLayout.Hash)
        {
            WriteFields(request);
            return;
        }

        Span<byte> frame = stackalloc byte[EntryFrame.MaxLength];
        var length = EntryFrame.Write(expiration, frame);
        request.FramedValue(frame[..length], value).Value(timeToLive);
    }

    public bool TryNextStep(RedisErrorKind error, ref int step)
    {
        switch ((Step)step)
        {
            case Step.LargeProbe or Step.LargeTransaction:
                context.Transactions = error.Refuses() ? TransactionSupport.Refused : context.Transactions;
                step = (int)Step.HashScript;
                return true;
            case Step.HashScript when error.Refuses():
                step = (int)Step.TransactionProbe;
                return true;
            default:
                return false;
        }
    }

    public bool TryRead(RedisErrorKind error, out bool result)
    {
        result = false;
        return false;
    }

    public bool TryRead(in RespReader reply, ref int step, out bool result, out TimeSpan? newTimeToLive)
    {
        newTimeToLive = null;
        result = true;
        switch ((Step)step)
        {
            case Step.LargeProbe:
                step = (int)Step.LargeTransaction;
                result = false;
                break;
            case Step.TransactionProbe:
                step = (int)Step.HashTransaction;
                result = false;
                break;
            case Step.LargeTransaction:
                context.Transactions = TransactionSupport.Seen;
                break;
            case Step.HashTransaction:
                context.ScriptsRefused = true;
                break;
        }

        return result;
    }

    private void Demand()
    {
        if (TooLarge is { } fault)
        {
            throw fault;
        }
    }

    private void WriteString(RespRequest request)
    {
        context.SlidingEntries.Forget(key);
        Span<byte> frame = stackalloc byte[EntryFrame.MaxLength];
        var length = EntryFrame.Write(expiration, frame);
        request.Command("SET").Key(Key).FramedValue(frame[..length], value);
        if (timeToLive != EntryExpiration.None)
        {
            request.Value("PX").Value(timeToLive);
        }
    }

    private void WriteTransaction(RespRequest request)
    {
        context.SlidingEntries.Forget(key);
        request.Command("UNLINK").Key(Key);
        request.Command("HSET").Key(Key)
            .Value(HashFields.AbsoluteExpiration).Value(expiration.AbsoluteTicks)
            .Value(HashFields.SlidingExpiration).Value(expiration.SlidingTicks)
            .Value(HashFields.Data).Value(value);
        if (timeToLive != EntryExpiration.None)
        {
            request.Command("PEXPIRE").Key(Key).Value(timeToLive);
        }
    }
}
