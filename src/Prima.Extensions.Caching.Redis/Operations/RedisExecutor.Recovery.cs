using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

internal sealed partial class RedisExecutor
{
    /// <summary>Whether what Redis has under <paramref name="key"/> must not be shown, because Redis missed that it was replaced.</summary>
    public bool Covers(RedisKey key) => _recovery.Covers(key);

    /// <summary>Remembers what Redis missed of an operation on <paramref name="key"/>, or forgets what it had missed before.</summary>
    /// <param name="kind">The operation's kind.</param>
    /// <param name="key">The key in Redis.</param>
    /// <param name="outcome">What became of the operation. Of the others that are no answer only a failure may still be on its way.</param>
    public void Settle(OperationKind kind, RedisKey key, BatchOutcome outcome)
    {
        if (!kind.Replaces())
        {
            return;
        }

        if (outcome is BatchOutcome.Stored or BatchOutcome.Removed)
        {
            _recovery.Forget(key);
        }
        else
        {
            Remember(kind, key, mayStillBeWritten: kind == OperationKind.Set && outcome == BatchOutcome.Degraded);
        }
    }

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
            var attempt = await TryAsync<RemoveOperation, bool>(new(key), asynchronous: true, CancellationToken.None).ConfigureAwait(false);
            return attempt.IsAnswered;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }
}
