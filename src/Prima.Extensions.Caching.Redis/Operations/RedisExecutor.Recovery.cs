using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

internal sealed partial class RedisExecutor
{
    /// <summary>Removes a key whose removal Redis missed, where more has to go than what is under the key itself.</summary>
    public Func<RedisKey, ValueTask<Attempt<bool>>>? Removal { private get; set; }

    /// <summary>Whether what Redis has under <paramref name="key"/> must not be shown, because Redis missed that it was replaced.</summary>
    public bool Covers(RedisKey key) => _recovery.Covers(key);

    /// <summary>Remembers what Redis missed of an operation on <paramref name="key"/>, or forgets what it had missed before.</summary>
    /// <param name="kind">The operation's kind.</param>
    /// <param name="key">The key in Redis.</param>
    /// <param name="isAnswered">Whether Redis carried the operation out.</param>
    /// <param name="fault">What happened if not; <see langword="null"/> = nothing was sent.</param>
    public void Settle(OperationKind kind, RedisKey key, bool isAnswered, Exception? fault)
    {
        if (!kind.Replaces())
        {
            return;
        }

        if (isAnswered)
        {
            _recovery.Forget(key);
        }
        else
        {
            Remember(kind, key, mayStillBeWritten: kind == OperationKind.Set && fault is not null && MayStillBeOnItsWay(fault));
        }
    }

    // A server that left a command unanswered may have it in its socket still. One that closed the connection, or whose process ended, has not.
    private static bool MayStillBeOnItsWay(Exception fault) =>
        fault is TimeoutException or RedisConnectionException { FailureType: ConnectionFailureType.CircuitBreaker };

    // With FailureMode.Throw the caller has the exception, and decides.
    private void Remember(OperationKind kind, RedisKey key, bool mayStillBeWritten)
    {
        if (kind.Replaces() && _failureMode == FailureMode.Degrade)
        {
            _recovery.Remember(key, mayStillBeWritten);
        }
    }

    private async Task<bool> TryRemoveAsync(RedisKey key)
    {
        try
        {
            var attempt = Removal is null
                ? await TryExecuteAsync<RemoveOperation, bool>(new(key)).ConfigureAwait(false)
                : await Removal(key).ConfigureAwait(false);
            return attempt.IsAnswered;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }
}
