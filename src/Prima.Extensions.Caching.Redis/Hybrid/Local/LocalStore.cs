using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Local;

/// <summary>The memory of the L1: entries by key, bounded by number and by bytes.</summary>
/// <remarks>
/// <para>What stays is what is asked for most, by a count that fades (<see cref="FadingCount"/>). A read costs one dictionary lookup and at most one byte written; it takes no
/// lock. docs/decisions/0007 has how it was chosen, and against what.</para>
/// <para>1. What is new waits in a window, a hundredth of the whole, in the order in which it came, as in W-TinyLFU (Einziger, Friedman, Manes, "TinyLFU: A Highly Efficient
/// Cache Admission Policy", ACM Transactions on Storage, 2017). 2. When neither the window nor the whole has room for it any more, either it leaves or the entries of the main
/// part with the lowest ranks. So what is asked for once, as in a scan, displaces nothing there. 3. The reads of an entry enter its rank when it would leave, not before. 4. What
/// left is remembered for a while with its rank, and goes on from there when it comes back.</para>
/// <para>5. How fast counts fade is told by what comes back after it was evicted, the more so when it then displaces another. Keys that were never there say nothing: a scan does
/// not make the L1 forget what is asked for often; that other keys are asked for often, does.</para>
/// </remarks>
internal sealed class LocalStore
{
    // The lowest of a million hot entries is not worth going through all of them under the lock.
    private const int MostReprieves = 128;

    // A window of one would lose an entry before it can be read a second time.
    private const int LeastWindow = 10;

    // In halvings: who is in stays, unless the other is asked for more than twice as often. Else a loop over more than there is room for would displace each entry just before it is read again.
    private const double Advantage = 1;

    // In halvings for as many returns as there are entries. A return may be one of many that are asked for as seldom; one that displaces another shows that the counts are out of date.
    private const double FadingByReturns = 0.5;
    private const double FadingByDisplacements = 1.5;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, LocalEntry> _entries;
    private readonly ConcurrentDictionary<string, LocalEntry>.AlternateLookup<ReadOnlySpan<char>> _entriesBySpan;
    private readonly LocalQueue _window = new();
    private readonly LocalHeap _main = new();
    private readonly FormerKeys _former = new();
    private readonly FadingCount _uses = new();
    private readonly int _maximumEntries;
    private readonly long _maximumBytes;
    private readonly Func<long> _milliseconds;
    private readonly Action<RemovalCause> _removed;
    private int _swept;

    /// <param name="maximumEntries">How many entries there may be.</param>
    /// <param name="maximumBytes">How large all together may be.</param>
    /// <param name="milliseconds">The time that entries expire by.</param>
    /// <param name="removed">Called under the lock for every entry that leaves.</param>
    public LocalStore(int maximumEntries, long maximumBytes, Func<long> milliseconds, Action<RemovalCause> removed)
    {
        _maximumEntries = maximumEntries;
        _maximumBytes = maximumBytes;
        _milliseconds = milliseconds;
        _removed = removed;
        _entries = new(StringComparer.Ordinal);
        _entriesBySpan = _entries.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public int Count => _window.Count + _main.Count;

    public long Bytes => _window.Bytes + _main.Bytes;

    private bool IsTooFull => Count > _maximumEntries || Bytes > _maximumBytes;

    private bool IsWindowTooFull => _window.Count > 1 && (IsWindowMoreThan(10) || (_window.Count > LeastWindow && IsWindowMoreThan(100)));

    public bool TryGet(string key, [NotNullWhen(true)] out LocalEntry? entry) => Used(_entries.TryGetValue(key, out entry), entry);

    public bool TryGet(ReadOnlySpan<char> key, [NotNullWhen(true)] out LocalEntry? entry) =>
        Used(_entriesBySpan.TryGetValue(key, out entry), entry);

    /// <summary>The entry, without counting it as used.</summary>
    public LocalEntry? Peek(string key) => _entries.GetValueOrDefault(key);

    public void Set(LocalEntry entry)
    {
        lock (_gate)
        {
            var isInMain = false;
            if (_entries.TryGetValue(entry.Key, out var present))
            {
                isInMain = present.IsInMain;
                (entry.Uses, entry.Rank, entry.IsBack) = (present.Uses, present.Rank, present.IsBack);
                Unlink(present);
                _removed(RemovalCause.Replaced);
            }
            else
            {
                Recall(entry);
            }

            _entries[entry.Key] = entry;
            if (isInMain)
            {
                _main.Add(entry);
            }
            else
            {
                _window.Add(entry);
            }

            SweepOne();
            MakeRoom();
        }
    }

    /// <summary>Lets <paramref name="entry"/> take <paramref name="bytes"/> more, unless it has left.</summary>
    public bool TryGrow(LocalEntry entry, long bytes)
    {
        lock (_gate)
        {
            if (Peek(entry.Key) != entry)
            {
                return false;
            }

            entry.Size += bytes;
            if (entry.IsInMain)
            {
                _main.Grow(bytes);
            }
            else
            {
                _window.Grow(bytes);
            }

            MakeRoom();
            return true;
        }
    }

    public bool Remove(string key, RemovalCause cause)
    {
        if (!_entries.ContainsKey(key))
        {
            return false;
        }

        lock (_gate)
        {
            return _entries.TryGetValue(key, out var entry) && Remove(entry, cause);
        }
    }

    /// <summary>Removes <paramref name="entry"/>, unless another has taken its place.</summary>
    public bool Remove(LocalEntry entry, RemovalCause cause)
    {
        lock (_gate)
        {
            if (!_entries.TryRemove(KeyValuePair.Create(entry.Key, entry)))
            {
                return false;
            }

            Forget(entry, cause);
            return true;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            foreach (var (_, entry) in _entries)
            {
                Remember(entry, RemovalCause.Cleared);
            }

            _entries.Clear();
            _window.Clear();
            _main.Clear();
        }
    }

    private static bool Used(bool found, LocalEntry? entry)
    {
        if (found && entry!.Uses is var uses and < LocalEntry.MostUses)
        {
            entry.Uses = (byte)(uses + 1);
        }

        return found;
    }

    private void Recall(LocalEntry entry)
    {
        if (!_former.TryRemove(entry.Key, out var rank, out var wasEvicted))
        {
            entry.Rank = _uses.RankOfOne;
            return;
        }

        if (wasEvicted)
        {
            entry.IsBack = true;
            _uses.Fade(FadingByReturns / _former.Entries);
        }

        entry.Rank = _uses.Raise(rank, 1);
    }

    // What is over may have a high rank and nobody who asks for it: every write looks at one entry more.
    private void SweepOne()
    {
        if (_main.Count > 0)
        {
            _swept = (_swept + 1) % _main.Count;
            if (IsOver(_main[_swept]))
            {
                Evict(_main[_swept]);
            }
        }
    }

    private bool IsWindowMoreThan(int part) => (long)_window.Count * part > _maximumEntries || _window.Bytes * part > _maximumBytes;

    private void MakeRoom()
    {
        var reprieves = MostReprieves;
        while (IsWindowTooFull)
        {
            var newcomer = _window.Oldest!;
            RaiseByUses(newcomer);
            if (IsOver(newcomer) || !TryDisplace(newcomer, ref reprieves))
            {
                Evict(newcomer);
            }
            else
            {
                _window.Remove(newcomer);
                _main.Add(newcomer);
            }
        }

        while (IsTooFull)
        {
            Evict(Lowest(ref reprieves) ?? _window.Oldest!);
        }
    }

    /// <summary>Makes room by those of main that are asked for less than <paramref name="newcomer"/>.</summary>
    private bool TryDisplace(LocalEntry newcomer, ref int reprieves)
    {
        while (IsTooFull)
        {
            if (Lowest(ref reprieves) is not { } lowest)
            {
                return false;
            }

            if (!IsOver(lowest))
            {
                if (newcomer.Rank <= lowest.Rank + Advantage)
                {
                    return false;
                }

                if (newcomer.IsBack)
                {
                    _uses.Fade(FadingByDisplacements / _former.Entries);
                }
            }

            Evict(lowest);
        }

        return true;
    }

    /// <summary>The entry of main that is to leave next, after its reads entered its rank.</summary>
    private LocalEntry? Lowest(ref int reprieves)
    {
        while (_main.Lowest is { Uses: > 0 } lowest && reprieves > 0 && !IsOver(lowest))
        {
            reprieves--;
            RaiseByUses(lowest);
            _main.Raised(lowest);
        }

        return _main.Lowest;
    }

    private void RaiseByUses(LocalEntry entry)
    {
        if (entry.Uses > 0)
        {
            entry.Rank = _uses.Raise(entry.Rank, entry.Uses);
            entry.Uses = 0;
        }
    }

    private bool IsOver(LocalEntry entry) => entry.ExpiresAt <= _milliseconds();

    private void Unlink(LocalEntry entry)
    {
        if (entry.IsInMain)
        {
            _main.Remove(entry);
        }
        else
        {
            _window.Remove(entry);
        }
    }

    private void Evict(LocalEntry entry)
    {
        _entries.TryRemove(KeyValuePair.Create(entry.Key, entry));
        Forget(entry, IsOver(entry) ? RemovalCause.Expired : RemovalCause.Capacity);
    }

    private void Forget(LocalEntry entry, RemovalCause cause)
    {
        Unlink(entry);
        Remember(entry, cause);
    }

    private void Remember(LocalEntry entry, RemovalCause cause)
    {
        RaiseByUses(entry);
        _former.Add(entry.Key, entry.Rank, isEvicted: cause == RemovalCause.Capacity, Count);
        _removed(cause);
    }
}
