namespace Prima.Extensions.Caching.Redis.Hybrid.Local;

/// <summary>Remembers roughly which keys were evicted lately, by a fingerprint each: a key that comes back was evicted too soon.</summary>
/// <remarks>A new fingerprint takes the place of an older one, so that the memory is bounded. To be wrong now and then costs nothing but a worse guess.</remarks>
internal sealed class EvictedKeys(int capacity)
{
    // Made when something is evicted for the first time: a cache that is never full does without.
    private ulong[]? _fingerprints;
    private ulong _age;

    public void Add(string key)
    {
        _fingerprints ??= new ulong[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity, 16))];
        var hash = Hash(key);
        _age++;
        _fingerprints[SlotOf(hash)] = (_age << 32) | Fingerprint(hash);
    }

    /// <summary>Whether <paramref name="key"/> was among the last evicted.</summary>
    public bool Remove(string key)
    {
        if (_fingerprints is null)
        {
            return false;
        }

        var hash = Hash(key);
        ref var slot = ref _fingerprints[SlotOf(hash)];
        if ((uint)slot != Fingerprint(hash) || (uint)_age - (uint)(slot >> 32) >= (uint)capacity)
        {
            return false;
        }

        slot = 0;
        return true;
    }

    public void Clear() => _fingerprints = null;

    private static ulong Hash(string key) => (uint)key.GetHashCode() * 0x9E3779B97F4A7C15UL;

    // Never 0, which is an empty slot.
    private static uint Fingerprint(ulong hash) => (uint)hash | 1;

    private int SlotOf(ulong hash) => (int)((hash >> 32) & (uint)(_fingerprints!.Length - 1));
}
