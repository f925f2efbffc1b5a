namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>Remembers whose TTL this node has just extended, so that a hot sliding entry is not extended again within the same millisecond.</summary>
/// <remarks>A TTL is counted in milliseconds, so what is left out could not be seen. Memory is bounded: a slot holds the last key that fell into it.</remarks>
internal sealed class RecentRenewals(TimeProvider time)
{
    private const int SlotCount = 256;

    private static readonly TimeSpan Resolution = TimeSpan.FromMilliseconds(1);

    private readonly Slot[] _slots = [.. Enumerable.Range(0, SlotCount).Select(static _ => new Slot())];

    /// <summary>Whether the TTL of <paramref name="key"/> must be extended now; if so, it counts as extended.</summary>
    public bool TryBegin(string key)
    {
        var now = time.GetTimestamp();
        var slot = _slots[(uint)key.GetHashCode(StringComparison.Ordinal) % SlotCount];
        lock (slot)
        {
            if (slot.Key == key && time.GetElapsedTime(slot.Timestamp, now) < Resolution)
            {
                return false;
            }

            slot.Key = key;
            slot.Timestamp = now;
            return true;
        }
    }

    private sealed class Slot
    {
        public string? Key { get; set; }

        public long Timestamp { get; set; }
    }
}
