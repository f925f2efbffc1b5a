using Prima.Extensions.Caching.Redis.Entries;

namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>Remembers when this cache last extended an entry, so that not every read of a hot one does.</summary>
/// <remarks>
/// A read that does not extend leaves a TTL that is short by less than a hundredth of the sliding expiration, and by less than a second.
/// Memory is bounded: a slot holds the last key that fell into it.
/// </remarks>
internal sealed class SlidingEntries(TimeProvider time)
{
    private const int SlotCount = 4096;

    private readonly Slot?[] _slots = new Slot?[SlotCount];

    /// <summary>Whether a read of the entry must extend it. Of several reads at the same time one must.</summary>
    public bool IsDue(string key, EntryExpiration expiration)
    {
        ref var place = ref PlaceOf(key);
        var now = time.GetTimestamp();
        if (Volatile.Read(ref place) is { } slot && slot.Expiration == expiration && slot.Key == key)
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
        ref var place = ref PlaceOf(key);
        if (Volatile.Read(ref place)?.Key == key)
        {
            Volatile.Write(ref place, null);
        }
    }

    private ref Slot? PlaceOf(string key) => ref _slots[(uint)key.GetHashCode(StringComparison.Ordinal) % SlotCount];

    private sealed class Slot(string key, EntryExpiration expiration)
    {
        public long Extended;

        public string Key => key;

        public EntryExpiration Expiration => expiration;
    }
}
