using Prima.Extensions.Caching.Redis.Connections;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>The keys whose removal or overwrite Redis missed, oldest first; each is to be removed when Redis answers again.</summary>
/// <remarks>
/// A write that may have been on its way when the connection broke can still be applied, after the first removal: the bytes of the old connection may lie in
/// the server's socket. So its key is removed a second time, a while after the server was seen to answer. A later write of the key cuts that short only where
/// the connection broke: a server that left the write unanswered may be about to carry it out, one that is gone is not.
/// What a later write has stored must not fall to an earlier intent: while a key is being written it is not due, and its write waits for a removal under way.
/// Both for <see cref="Patience"/> at most: a key may be written without a pause, and a server may not answer.
/// </remarks>
internal sealed class RecoveryJournal(int capacity, TimeProvider time)
{
    public static readonly TimeSpan ConfirmationDelay = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Patience = ServerWatch.SilenceLimit;

    private readonly Lock _gate = new();
    private readonly Dictionary<RedisKey, LinkedListNode<Intent>> _byKey = [];
    private readonly LinkedList<Intent> _inOrder = [];
    private readonly Dictionary<RedisKey, int> _writes = [];
    private readonly Dictionary<RedisKey, Removal> _removals = [];
    private volatile int _count;
    private long _additions;

    public int Count => _count;

    /// <summary>How many intents were added so far.</summary>
    public long Additions => Volatile.Read(ref _additions);

    /// <summary>Whether what Redis has under <paramref name="key"/> must not be shown.</summary>
    public bool Contains(RedisKey key)
    {
        if (_count == 0)
        {
            return false;
        }

        lock (_gate)
        {
            return _byKey.ContainsKey(key);
        }
    }

    /// <summary>Adds the newest intent for a key, in place of an older one.</summary>
    /// <param name="key">The key in Redis.</param>
    /// <param name="mayStillBeWritten">Whether a write of the key may be on its way to the server.</param>
    /// <param name="endsWithWrite">Whether a later write ends the matter all the same, because the connection is gone and most likely the server with it.</param>
    /// <returns>Whether the oldest key had to be dropped.</returns>
    public bool Add(RedisKey key, bool mayStillBeWritten, bool endsWithWrite = false)
    {
        lock (_gate)
        {
            if (_byKey.Remove(key, out var older))
            {
                endsWithWrite = (endsWithWrite || !mayStillBeWritten) && (older.Value.EndsWithWrite || !older.Value.MayStillBeWritten);
                mayStillBeWritten |= older.Value.MayStillBeWritten;
                _inOrder.Remove(older);
            }

            _byKey[key] = _inOrder.AddLast(new Intent(key, mayStillBeWritten, endsWithWrite, Interlocked.Increment(ref _additions)) { NotBefore = time.GetTimestamp() });
            var isOverflow = _byKey.Count > capacity;
            if (isOverflow)
            {
                Remove(_inOrder.First!);
            }

            _count = _byKey.Count;
            return isOverflow;
        }
    }

    /// <summary>Keeps <paramref name="key"/> from being removed until <see cref="EndWrite"/>.</summary>
    /// <param name="key">The key in Redis.</param>
    /// <param name="patience">How long the removal is to be waited for.</param>
    /// <returns>The end of the removal that is under way, if one is; <see langword="null"/> = nothing was begun, because the key is not to be removed.</returns>
    public Task? BeginWrite(RedisKey key, out TimeSpan patience)
    {
        patience = TimeSpan.Zero;
        if (_count == 0)
        {
            return null;
        }

        lock (_gate)
        {
            var isBeingRemoved = _removals.TryGetValue(key, out var removal);
            if (!isBeingRemoved && !_byKey.ContainsKey(key))
            {
                return null;
            }

            _writes[key] = _writes.GetValueOrDefault(key) + 1;
            patience = isBeingRemoved ? Patience - time.GetElapsedTime(removal.BeganAt) : TimeSpan.Zero;
            return patience > TimeSpan.Zero ? removal.End.Task : Task.CompletedTask;
        }
    }

    /// <summary>The end of what <see cref="BeginWrite"/> began, where that returned a task.</summary>
    public void EndWrite(RedisKey key)
    {
        lock (_gate)
        {
            if (--_writes[key] == 0)
            {
                _writes.Remove(key);
            }
        }
    }

    /// <summary>Takes note that Redis has just replaced or removed what was under <paramref name="key"/>.</summary>
    /// <param name="key">The key in Redis.</param>
    /// <param name="since"><see cref="Additions"/> when that began: an intent that was added later is newer, and stays.</param>
    /// <param name="isWritten">Whether it was replaced.</param>
    public void Forget(RedisKey key, long since, bool isWritten = false)
    {
        if (_count == 0)
        {
            return;
        }

        lock (_gate)
        {
            if (!_byKey.TryGetValue(key, out var node) || node.Value.Number > since || (node.Value.MayStillBeWritten && !(isWritten && node.Value.EndsWithWrite)))
            {
                return;
            }

            if (_removals.ContainsKey(key))
            {
                // Later writes are to know of it until it has ended.
                node.Value.IsOver = true;
            }
            else
            {
                Remove(node);
            }
        }
    }

    /// <summary>The oldest intents that can be tried now.</summary>
    public List<Intent> Due(int most)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            return [.. _inOrder.Where(intent => CanBegin(intent, now)).Take(most)];
        }
    }

    /// <summary>Begins the removal of what <paramref name="intent"/> is about; it ends when that is completed or postponed.</summary>
    /// <returns>Whether nobody else does something with the key.</returns>
    public bool TryBeginRemoval(Intent intent)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            var begins = TryFind(intent, out _) && CanBegin(intent, now);
            if (begins)
            {
                _removals[intent.Key] = new(new(TaskCreationOptions.RunContinuationsAsynchronously), now);
            }

            return begins;
        }
    }

    /// <summary>Takes note that the key of <paramref name="intent"/> was removed.</summary>
    /// <returns>Whether the intent is done with.</returns>
    public bool Complete(Intent intent)
    {
        lock (_gate)
        {
            EndRemoval(intent);
            if (!TryFind(intent, out var node))
            {
                return false;
            }

            if (intent.IsOver || intent.IsConfirmation || !intent.MayStillBeWritten)
            {
                Remove(node);
                return true;
            }

            intent.IsConfirmation = true;
            Postpone(node, ConfirmationDelay);
            return false;
        }
    }

    /// <summary>Takes note that the key of <paramref name="intent"/> could not be removed: it is tried again later.</summary>
    public void Postpone(Intent intent, TimeSpan delay)
    {
        lock (_gate)
        {
            EndRemoval(intent);
            if (!TryFind(intent, out var node))
            {
                return;
            }

            if (intent.IsOver)
            {
                Remove(node);
            }
            else
            {
                Postpone(node, delay);
            }
        }
    }

    private bool CanBegin(Intent intent, long now) =>
        intent.NotBefore <= now
        && !_removals.ContainsKey(intent.Key)
        && (!_writes.ContainsKey(intent.Key) || time.GetElapsedTime(intent.NotBefore, now) >= Patience);

    private void EndRemoval(Intent intent)
    {
        if (_removals.Remove(intent.Key, out var removal))
        {
            removal.End.SetResult();
        }
    }

    private bool TryFind(Intent intent, out LinkedListNode<Intent> node) =>
        _byKey.TryGetValue(intent.Key, out node!) && node.Value == intent;

    private void Postpone(LinkedListNode<Intent> node, TimeSpan delay)
    {
        node.Value.NotBefore = time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);
        _inOrder.Remove(node);
        _inOrder.AddLast(node);
    }

    private void Remove(LinkedListNode<Intent> node)
    {
        _inOrder.Remove(node);
        _byKey.Remove(node.Value.Key);
        _count = _byKey.Count;
    }

    /// <summary>That a key be removed. An intent is known by its identity: a newer one for the same key is another.</summary>
    internal sealed class Intent(RedisKey key, bool mayStillBeWritten, bool endsWithWrite, long number)
    {
        public bool EndsWithWrite => endsWithWrite;

        public RedisKey Key => key;

        public bool MayStillBeWritten => mayStillBeWritten;

        /// <summary>How many had been added with it.</summary>
        public long Number => number;

        /// <summary>Whether the key was removed once, and is to be a second time.</summary>
        public bool IsConfirmation { get; set; }

        /// <summary>Whether it became needless while the key was being removed.</summary>
        public bool IsOver { get; set; }

        /// <summary>The timestamp before which it is not tried.</summary>
        public long NotBefore { get; set; }
    }

    private readonly record struct Removal(TaskCompletionSource End, long BeganAt);
}
