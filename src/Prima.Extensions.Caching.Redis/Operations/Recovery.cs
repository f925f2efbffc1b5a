using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Diagnostics;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>Sees to it that a removal or an overwrite that Redis missed is made good.</summary>
/// <param name="journal">What was missed.</param>
/// <param name="tryRemove">Removes a key, if Redis can be used now.</param>
/// <param name="logger">Gets a line when the first is remembered, when the last is made good, and when some are lost.</param>
/// <param name="time">The clock.</param>
internal sealed class Recovery(RecoveryJournal journal, Func<RedisKey, Task<bool>> tryRemove, ILogger logger, TimeProvider time) : IDisposable
{
    private const int MostAtATime = 256;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _closing = new();
    private long _replayed;
    private long _dropped;
    private long _droppedBefore;
    private int _isRunning;

    public int Pending => journal.Count;

    /// <summary>How many changes it was told of that Redis missed.</summary>
    public long Remembered => journal.Additions;

    /// <summary>How many keys were removed after all.</summary>
    public long Replayed => Interlocked.Read(ref _replayed);

    /// <summary>How many keys were forgotten because there were too many.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Whether what Redis has under <paramref name="key"/> must not be shown.</summary>
    public bool Covers(RedisKey key) => journal.Contains(key);

    /// <summary>Takes note that Redis missed, or may have missed, that <paramref name="key"/> was written or removed.</summary>
    public void Remember(RedisKey key, bool mayStillBeWritten, bool endsWithWrite = false)
    {
        if (journal.Add(key, mayStillBeWritten, endsWithWrite) && Interlocked.Increment(ref _dropped) - Interlocked.Read(ref _droppedBefore) == 1)
        {
            OperationLog.JournalOverflowed(logger, journal.Count);
        }

        if (Interlocked.Exchange(ref _isRunning, 1) == 0)
        {
            OperationLog.JournalStarted(logger);
            using (Background.Begin())
            {
                _ = Task.Run(RunAsync);
            }
        }
    }

    /// <inheritdoc cref="RecoveryJournal.BeginWrite"/>
    public Task? BeginWrite(RedisKey key, out TimeSpan patience) => journal.BeginWrite(key, out patience);

    /// <inheritdoc cref="RecoveryJournal.EndWrite"/>
    public void EndWrite(RedisKey key) => journal.EndWrite(key);

    /// <inheritdoc cref="RecoveryJournal.Forget"/>
    public void Forget(RedisKey key, long since, bool isWritten = false) => journal.Forget(key, since, isWritten);

    /// <summary>Waits until nothing is to be made good any more.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="token"/> was cancelled before that.</exception>
    /// <exception cref="ObjectDisposedException">What is left was given up.</exception>
    public async Task FlushAsync(CancellationToken token)
    {
        while (journal.Count > 0)
        {
            token.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, typeof(PrimaRedisCache));
            if (!await ReplayAsync().WaitAsync(token).ConfigureAwait(false))
            {
                await Task.Delay(Interval / 5, time, token).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Gives up what is left.</summary>
    public void Dispose()
    {
        if (_closing.IsCancellationRequested)
        {
            return;
        }

        // Not disposed: an operation that is under way may remember something yet, and must not end in an exception for it.
        _closing.Cancel();
        if (journal.Count is > 0 and var lost)
        {
            OperationLog.JournalLost(logger, lost);
        }
    }

    private async Task RunAsync()
    {
        while (true)
        {
            try
            {
                while (journal.Count > 0)
                {
                    await Task.Delay(Interval, time, _closing.Token).ConfigureAwait(false);
                    while (await ReplayAsync().ConfigureAwait(false))
                    {
                    }
                }
            }
            catch (OperationCanceledException) when (_closing.IsCancellationRequested)
            {
                return;
            }

            OperationLog.JournalEmptied(logger, Replayed, Dropped - Interlocked.Exchange(ref _droppedBefore, Dropped));
            Volatile.Write(ref _isRunning, 0);

            // One that came in between found this running.
            if (journal.Count == 0 || Interlocked.Exchange(ref _isRunning, 1) == 1)
            {
                return;
            }
        }
    }

    /// <returns>Whether all that was tried was removed, and there may be more to try at once.</returns>
    private async Task<bool> ReplayAsync()
    {
        var removed = await Task.WhenAll(journal.Due(MostAtATime).Where(journal.TryBeginRemoval).Select(RemoveAsync)).ConfigureAwait(false);
        return removed.Length > 0 && removed.All(static isRemoved => isRemoved);
    }

    private async Task<bool> RemoveAsync(RecoveryJournal.Intent intent)
    {
        var isRemoved = false;
        try
        {
            return isRemoved = await tryRemove(intent.Key).ConfigureAwait(false);
        }
        finally
        {
            if (!isRemoved)
            {
                journal.Postpone(intent, PauseAfterFailure);
            }
            else if (journal.Complete(intent))
            {
                Interlocked.Increment(ref _replayed);
            }
        }
    }
}
