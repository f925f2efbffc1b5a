using Prima.Extensions.Caching.Redis.Entries;

namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>Remembers which hot entries are sliding, so that the next read can extend them in the command that reads them.</summary>
/// <remarks>
/// What is remembered need not hold any more: the command compares before it extends. Only small values are remembered, because a script copies
/// what it reads. Memory is bounded: a slot holds the last key that fell into it.
/// </remarks>
internal sealed class SlidingEntries
{
    private const int SlotCount = 1024;
    private const int LargestValue = 8 * 1024;

    private readonly Slot?[] _slots = new Slot?[SlotCount];

    public void Remember(string key, EntryExpiration expiration, int valueLength)
    {
        if (valueLength <= LargestValue)
        {
            Volatile.Write(ref SlotOf(key), new Slot(key, expiration));
        }
    }

    public bool TryGet(string key, out EntryExpiration expiration)
    {
        var slot = Volatile.Read(ref SlotOf(key));
        expiration = slot?.Expiration ?? default;
        return slot?.Key == key;
    }

    public void Forget(string key)
    {
        ref var slot = ref SlotOf(key);
        if (Volatile.Read(ref slot)?.Key == key)
        {
            Volatile.Write(ref slot, null);
        }
    }

    private ref Slot? SlotOf(string key) => ref _slots[(uint)key.GetHashCode(StringComparison.Ordinal) % SlotCount];

    private sealed record Slot(string Key, EntryExpiration Expiration);
}
