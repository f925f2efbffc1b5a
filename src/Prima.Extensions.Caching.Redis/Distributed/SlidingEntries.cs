using Prima.Extensions.Caching.Redis.Entries;

namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>Remembers when this cache last extended an entry, so that not every read of a hot one does.</summary>
/// <remarks>
/// A read that does not extend leaves a TTL that is short by less than a hundredth of the sliding expiration, and by less than a second.
/// Memory is bounded: a key has four places, which it shares with others; who comes new takes that of the longest ago.
/// </remarks>
internal sealed class SlidingEntries(TimeProvider time)
{
    private const int Groups = 2048;
    private const int PlacesInGroup = 4;

    private readonly Slot?[] _slots = new Slot?[Groups * PlacesInGroup];

    /// <summary>Whether a read of the entry must extend it. Of several reads at the same time one must.</summary>
    public bool IsDue(string key, EntryExpiration expiration)
    {
        var now = time.GetTimestamp();
        ref var place = ref Find(key);
        if (Volatile.Read(ref place) is { } slot && slot.Key == key && slot.Expiration == expiration)
        {
            var extended = Volatile.Read(ref slot.Extended);
            return time.GetElapsedTime(extended, now).Ticks >= Math.Min(expiration.SlidingTicks / 100, TimeSpan.TicksPerSecond)
                && Interlocked.CompareExchange(ref slot.Extended, now, extended) == extended;
        }

        Volatile.Write(ref place, new Slot(key, expiration) { Extended = now });
        return true;
    }

    /// <summary>Makes the next read of an entry extend it: this cache replaces or removes what was read.</summary>
    public void Forget(string key)
    {
        ref var place = ref Find(key);
        if (Volatile.Read(ref place)?.Key == key)
        {
            Volatile.Write(ref place, null);
        }
    }

    /// <summary>The place that has the key, or the one that it may take.</summary>
    private ref Slot? Find(string key)
    {
        var group = _slots.AsSpan((int)((uint)key.GetHashCode(StringComparison.Ordinal) % Groups) * PlacesInGroup, PlacesInGroup);
        var oldest = 0;
        var oldestExtended = long.MaxValue;
        for (var i = 0; i < group.Length; i++)
        {
            var slot = Volatile.Read(ref group[i]);
            if (slot?.Key == key)
            {
                return ref group[i];
            }

            var extended = slot is null ? long.MinValue : Volatile.Read(ref slot.Extended);
            if (extended < oldestExtended)
            {
                (oldest, oldestExtended) = (i, extended);
            }
        }

        return ref group[oldest];
    }

    private sealed class Slot(string key, EntryExpiration expiration)
    {
        public long Extended;

        public string Key => key;

        public EntryExpiration Expiration => expiration;
    }
}
