using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>The keys whose removal or overwrite Redis missed, oldest first; each is to be removed when Redis answers again.</summary>
/// <remarks>
/// A write that may have been on its way when the connection broke can still be applied, after the first removal: the bytes of the old connection may lie in
/// the server's socket. So its key is removed a second time, a while after the server was seen to answer. A later write of the key cuts that short only where
/// the connection broke: a server that left the write unanswered may be about to carry it out, one that is gone is not.
/// What a later write has stored must not fall to an earlier intent: while a key is being written it is not due, and its write waits for a removal under way.
/// </remarks>
internal sealed class RecoveryJournal(int capacity, TimeProvider time)
{
    public static readonly TimeSpan ConfirmationDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<RedisKey, LinkedListNode<Intent>> _byKey = [];
    private readonly LinkedList<Intent> _inOrder = [];
    private readonly Dictionary<RedisKey, int> _writes = [];
    private readonly Dictionary<RedisKey, TaskCompletionSource> _removals = [];
    private volatile int _count;

    public int Count => _count;

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

            _byKey[key] = _inOrder.AddLast(new Intent(key, mayStillBeWritten, endsWithWrite));
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
    /// <returns>The removal that is under way, which the write is to come after; <see langword="null"/> = none is to be made.</returns>
    public Task? BeginWrite(RedisKey key)
    {
        if (_count == 0)
        {
            return null;
        }

        lock (_gate)
        {
            if (!_byKey.ContainsKey(key) && !_removals.ContainsKey(key))
            {
                return null;
            }

            _writes[key] = _writes.GetValueOrDefault(key) + 1;
            return _removals.GetValueOrDefault(key)?.Task ?? Task.CompletedTask;
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
    /// <param name="isWritten">Whether it was replaced.</param>
    public void Forget(RedisKey key, bool isWritten = false)
    {
        if (_count == 0)
        {
            return;
        }

        lock (_gate)
        {
            // A removal that is under way ends the matter itself.
            if (_byKey.TryGetValue(key, out var node) && !_removals.ContainsKey(key) && (!node.Value.MayStillBeWritten || (isWritten && node.Value.EndsWithWrite)))
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
            return [.. _inOrder.Where(intent => intent.NotBefore <= now && IsLeftAlone(intent.Key)).Take(most)];
        }
    }

    /// <summary>Begins the removal of what <paramref name="intent"/> is about; it ends when that is completed or postponed.</summary>
    /// <returns>Whether nobody else does something with the key.</returns>
    public bool TryBegin(Intent intent)
    {
        lock (_gate)
        {
            var begins = TryFind(intent, out _) && IsLeftAlone(intent.Key);
            if (begins)
            {
                _removals[intent.Key] = new(TaskCreationOptions.RunContinuationsAsynchronously);
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

            if (!intent.MayStillBeWritten)
            {
                Remove(node);
                return true;
            }

            intent.MayStillBeWritten = false;
            Postpone(node, ConfirmationDelay);
            return false;
        }
    }

    /// <summary>Tries <paramref name="intent"/> again later.</summary>
    public void Postpone(Intent intent, TimeSpan delay)
    {
        lock (_gate)
        {
            EndRemoval(intent);
            if (TryFind(intent, out var node))
            {
                Postpone(node, delay);
            }
        }
    }

    private bool IsLeftAlone(RedisKey key) => !_removals.ContainsKey(key) && !_writes.ContainsKey(key);

    private void EndRemoval(Intent intent)
    {
        if (_removals.Remove(intent.Key, out var removal))
        {
            removal.SetResult();
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
    internal sealed class Intent(RedisKey key, bool mayStillBeWritten, bool endsWithWrite)
    {
        public bool EndsWithWrite => endsWithWrite;

        public RedisKey Key => key;

        public bool MayStillBeWritten { get; set; } = mayStillBeWritten;

        /// <summary>The timestamp before which it is not tried.</summary>
        public long NotBefore { get; set; } = long.MinValue;
    }
}
