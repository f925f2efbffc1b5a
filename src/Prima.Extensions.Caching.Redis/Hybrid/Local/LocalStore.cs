using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Local;

/// <summary>The memory of the L1: entries by key, bounded by number and by bytes.</summary>
/// <remarks>
/// <para>What stays is decided much as in S3-FIFO (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023), with a contest as in TinyLFU for
/// what comes back. A read costs one dictionary lookup and at most one byte written; only writes take the lock. docs/decisions/0007 has how it was chosen.</para>
/// <para>1. What is new waits in a small queue, a tenth of the whole. 2. When there is too much, the oldest of the small queue leaves; was it used meanwhile, it
/// goes to the main queue instead. So what is asked for once, as in a scan, never displaces what is asked for again and again. 3. What left is remembered
/// by its fingerprint. One that came back and is to leave again contends with the oldest of the main queue: that leaves if it was not used; else it
/// has one use less and goes to the queue's end. 4. The oldest of the main queue goes to its end as often as it was used, three times at most, and then leaves.</para>
/// </remarks>
internal sealed class LocalStore
{
    private const byte MostUses = 3;

    // The least recently used of a million hot entries is not worth going through all of them under the lock.
    private const int MostReprieves = 128;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, LocalEntry> _entries;
    private readonly ConcurrentDictionary<string, LocalEntry>.AlternateLookup<ReadOnlySpan<char>> _entriesBySpan;
    private readonly LocalQueue _small = new();
    private readonly LocalQueue _main = new();
    private readonly EvictedKeys _evicted;
    private readonly int _maximumEntries;
    private readonly long _maximumBytes;
    private readonly Func<long> _milliseconds;
    private readonly Action<RemovalCause> _removed;

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
        _evicted = new((int)Math.Min(2L * maximumEntries, 1 << 28));
    }

    public int Count => _small.Count + _main.Count;

    public long Bytes => _small.Bytes + _main.Bytes;

    public bool TryGet(string key, [NotNullWhen(true)] out LocalEntry? entry) => Used(_entries.TryGetValue(key, out entry), entry);

    public bool TryGet(ReadOnlySpan<char> key, [NotNullWhen(true)] out LocalEntry? entry) =>
        Used(_entriesBySpan.TryGetValue(key, out entry), entry);

    /// <summary>The entry, without counting it as used.</summary>
    public LocalEntry? Peek(string key) => _entries.GetValueOrDefault(key);

    public void Set(LocalEntry entry)
    {
        lock (_gate)
        {
            var queue = _small;
            if (_entries.TryGetValue(entry.Key, out var present))
            {
                queue = present.Queue!;
                entry.Uses = present.Uses;
                entry.IsBack = present.IsBack;
                queue.Remove(present);
                _removed(RemovalCause.Replaced);
            }
            else
            {
                entry.IsBack = _evicted.Remove(entry.Key);
            }

            _entries[entry.Key] = entry;
            queue.Add(entry);
            while (Count > _maximumEntries || Bytes > _maximumBytes)
            {
                EvictOne();
            }
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

            entry.Queue!.Remove(entry);
            _removed(cause);
            return true;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            for (var count = Count; count > 0; count--)
            {
                _removed(RemovalCause.Cleared);
            }

            _entries.Clear();
            _small.Clear();
            _main.Clear();
            _evicted.Clear();
        }
    }

    private static bool Used(bool found, LocalEntry? entry)
    {
        if (found && entry!.Uses < MostUses)
        {
            entry.Uses++;
        }

        return found;
    }

    private void EvictOne()
    {
        var isTooMany = Count > _maximumEntries;
        var isSmallTooLarge = isTooMany ? _small.Count > Math.Max(1, _maximumEntries / 10) : _small.Bytes > _maximumBytes / 10;
        if (_small.Oldest is { } newcomer && (isSmallTooLarge || _main.Oldest is null))
        {
            var isMainFull = isTooMany ? _main.Count >= _maximumEntries - (_maximumEntries / 10) : _main.Bytes >= _maximumBytes - (_maximumBytes / 10);
            EvictFromSmall(newcomer, isMainFull);
        }
        else
        {
            EvictFromMain();
        }
    }

    private void EvictFromSmall(LocalEntry newcomer, bool isMainFull)
    {
        if (newcomer.ExpiresAt > _milliseconds())
        {
            if (newcomer.Uses > 0 || (newcomer.IsBack && (!isMainFull || WinsPlaceInMain())))
            {
                newcomer.Uses = 0;
                _small.Remove(newcomer);
                _main.Add(newcomer);
                return;
            }

            _evicted.Add(newcomer.Key);
        }

        Evict(newcomer);
    }

    private bool WinsPlaceInMain()
    {
        var rival = _main.Oldest!;
        if (rival.Uses == 0)
        {
            Evict(rival);
            return true;
        }

        rival.Uses--;
        _main.Remove(rival);
        _main.Add(rival);
        return false;
    }

    private void EvictFromMain()
    {
        var now = _milliseconds();
        var reprieves = 0;
        for (var oldest = _main.Oldest!; ; oldest = _main.Oldest!)
        {
            if (oldest.Uses == 0 || oldest.ExpiresAt <= now || reprieves++ == MostReprieves)
            {
                Evict(oldest);
                return;
            }

            oldest.Uses--;
            _main.Remove(oldest);
            _main.Add(oldest);
        }
    }

    private void Evict(LocalEntry entry)
    {
        _entries.TryRemove(KeyValuePair.Create(entry.Key, entry));
        entry.Queue!.Remove(entry);
        _removed(entry.ExpiresAt <= _milliseconds() ? RemovalCause.Expired : RemovalCause.Capacity);
    }
}
