using RESPite.Messages;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>One operation of the cache: what it asks, how it reads the answer, and what it answers itself when Redis cannot.</summary>
/// <remarks>
/// An operation has steps, of which it normally needs the first only: another step is another way to ask, for a server or an entry
/// that the step before it does not suit. Implementations are structs, so that the executor is compiled for each and allocates for none.
/// </remarks>
internal interface IRedisOperation<TResult>
{
    /// <summary>The operation's name in logs, metrics and traces.</summary>
    static abstract string Name { get; }

    static abstract OperationKind Kind { get; }

    /// <summary>The key in Redis: it chooses the connection, and on a cluster the node.</summary>
    RedisKey Key { get; }

    /// <summary>Whether there are steps that read the string under the key: the client's own call for that is cheaper than a request, and there is no memory to lend.</summary>
    static virtual bool ReadsStrings => false;

    int FirstStep { get; }

    /// <summary>The answer when Redis cannot be used and the application is to go on without; of a read also that to a miss.</summary>
    TResult Degraded { get; }

    /// <summary>Whether <paramref name="step"/> reads the string under the key. Not asked where no step does.</summary>
    bool ReadsString(int step) => false;

    /// <summary>Reads the string that was under the key; <paramref name="newTimeToLive"/> as in the other reads.</summary>
    TResult ReadString(ReadOnlySpan<byte> value, out TimeSpan? newTimeToLive) => throw new NotSupportedException();

    void Write(RespRequest request, int step);

    /// <summary>Reads the reply to <paramref name="step"/>.</summary>
    /// <param name="reply">The reply, positioned at its first element; it is gone after this call.</param>
    /// <param name="step">The step that asked; where the reply does not settle the matter, the one to ask next.</param>
    /// <param name="result">The operation's answer.</param>
    /// <param name="newTimeToLive">The TTL that the key gets now, by a command that nobody waits for; <see langword="null"/> = as it is.</param>
    /// <returns>Whether the reply settles the matter.</returns>
    bool TryRead(in RespReader reply, ref int step, out TResult result, out TimeSpan? newTimeToLive);

    /// <summary>Whether another step may succeed where <paramref name="step"/> was answered with <paramref name="error"/>.</summary>
    bool TryNextStep(RedisErrorKind error, ref int step);

    /// <summary>Whether <paramref name="error"/>, with no step left, is an answer and no fault.</summary>
    bool TryRead(RedisErrorKind error, out TResult result);
}
