using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

internal sealed partial class RedisExecutor
{
    /// <summary>Removes a key whose removal Redis missed, where more has to go than what is under the key itself.</summary>
    public Func<RedisKey, ValueTask<Attempt<bool>>>? Removal { private get; set; }

    /// <summary>Whether what Redis has under <paramref name="key"/> must not be shown, because Redis missed that it was replaced.</summary>
    public bool Covers(RedisKey key) => _recovery.Covers(key);

    /// <summary>Whether Redis missed changes, and has yet to catch up.</summary>
    public bool HasMissedChanges => _recovery.Pending > 0;

    /// <summary>How many changes Redis has missed so far: a number to tell those before an operation from those meanwhile.</summary>
    public long MissedChanges => _recovery.Remembered;

    /// <summary>Sees to it that what is written next under <paramref name="keys"/> is not removed for the sake of what Redis missed before.</summary>
    /// <returns>The keys of which that could be feared: <see cref="EndWrites"/> is to be called with them.</returns>
    public async ValueTask<IReadOnlyList<RedisKey>> BeginWritesAsync(IEnumerable<RedisKey> keys)
    {
        List<RedisKey> begun = [];
        List<Task> removals = [];
        var longest = TimeSpan.Zero;
        foreach (var key in keys)
        {
            if (_recovery.BeginWrite(key, out var patience) is { } removal)
            {
                begun.Add(key);
                removals.Add(removal);
                longest = patience > longest ? patience : longest;
            }
        }

        await EndOf(Task.WhenAll(removals), longest, CancellationToken.None).ConfigureAwait(false);
        return begun;
    }

    /// <inheritdoc cref="RecoveryJournal.EndWrite"/>
    public void EndWrites(IReadOnlyList<RedisKey> begun)
    {
        foreach (var key in begun)
        {
            _recovery.EndWrite(key);
        }
    }

    /// <summary>Remembers what Redis missed of an operation on <paramref name="key"/>, or forgets what it had missed before.</summary>
    /// <param name="kind">The operation's kind.</param>
    /// <param name="key">The key in Redis.</param>
    /// <param name="isAnswered">Whether Redis carried the operation out.</param>
    /// <param name="fault">What happened if not; <see langword="null"/> = nothing was sent.</param>
    /// <param name="since"><see cref="MissedChanges"/> when the operation began.</param>
    public void Settle(OperationKind kind, RedisKey key, bool isAnswered, Exception? fault, long since)
    {
        if (!kind.Replaces())
        {
            return;
        }

        if (isAnswered)
        {
            _recovery.Forget(key, since, isWritten: kind == OperationKind.Set);
        }
        else
        {
            Remember(kind, key, mayStillBeWritten: kind == OperationKind.Set && MayStillBeOnItsWay(fault), fault);
        }
    }

    /// <summary>Whether what ended in <paramref name="fault"/> may be carried out yet.</summary>
    /// <remarks>
    /// It lies in the server's socket, or on the way there, until something says otherwise: an error that Redis answers, or that it was never sent.
    /// Who closed the connection cannot be told: that a server did which ended, or a load balancer in front of one that hangs.
    /// </remarks>
    public static bool MayStillBeOnItsWay(Exception? fault) => fault switch
    {
        null => false,
        RedisTimeoutException timeout => IsSent(timeout.Commandstatus),
        RedisConnectionException broken => IsSent(broken.CommandStatus),
        RedisServerException or ValueTooLargeException => false,
        _ => true,
    };

    private static bool IsSent(CommandStatus status) => status is not (CommandStatus.WaitingToBeSent or CommandStatus.WaitingInBacklog);

    // With FailureMode.Throw the caller has the exception, and decides. The stamp of a HybridCache's tag says from when on entries are void: without it they
    // would be valid again, so it is never removed. Who wrote it holds to it in memory, and ours sends it again.
    private void Remember(OperationKind kind, RedisKey key, bool mayStillBeWritten, Exception? fault = null)
    {
        if (kind.Replaces() && _failureMode == FailureMode.Degrade && !key.ToString().StartsWith(_tagStamps, StringComparison.Ordinal))
        {
            _recovery.Remember(key, mayStillBeWritten, endsWithWrite: fault is RedisConnectionException { FailureType: not ConnectionFailureType.CircuitBreaker });
        }
    }

    private ValueTask<TResult> BeginAsync<TOperation, TResult>(TOperation operation, bool asynchronous, CancellationToken token)
        where TOperation : struct, IRedisOperation<TResult>
        => TOperation.Kind == OperationKind.Set && _recovery.BeginWrite(operation.Key, out var patience) is { } removal
            ? ExecuteAfterAsync<TOperation, TResult>(removal, patience, operation, asynchronous, token)
            : ExecuteAsync<TOperation, TResult>(operation, asynchronous, token);

    private async ValueTask<TResult> ExecuteAfterAsync<TOperation, TResult>(Task removal, TimeSpan patience, TOperation operation, bool asynchronous, CancellationToken token)
        where TOperation : struct, IRedisOperation<TResult>
    {
        try
        {
            if (asynchronous)
            {
                await EndOf(removal, patience, token).ConfigureAwait(false);
            }
            else
            {
                _ = Task.WaitAny([removal], patience);
            }

            return await ExecuteAsync<TOperation, TResult>(operation, asynchronous, token).ConfigureAwait(false);
        }
        finally
        {
            _recovery.EndWrite(operation.Key);
        }
    }

    private Task EndOf(Task removal, TimeSpan patience, CancellationToken token) =>
        removal.IsCompleted ? Task.CompletedTask : Task.WhenAny(removal, Task.Delay(patience, _time, token));

    private async Task<bool> TryRemoveAsync(RedisKey key)
    {
        try
        {
            var attempt = Removal is null
                ? await TryExecuteAsync<RemoveOperation, bool>(new(key)).ConfigureAwait(false)
                : await Removal(key).ConfigureAwait(false);
            return attempt.IsAnswered;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Whatever it was, the key stays in the journal, and is tried again.
            return false;
        }
    }
}
