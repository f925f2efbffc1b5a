namespace Prima.Extensions.Caching.Redis.Hybrid.Local;

/// <summary>Remembers roughly which keys left lately, by a fingerprint each, with what rank, and whether there was no room for them.</summary>
/// <remarks>
/// Keys whose hashes are alike share a row, which a new one pushes the oldest out of: the memory is bounded, to about 24 bytes for each entry of the L1. To be wrong now and
/// then costs nothing but a worse guess.
/// </remarks>
internal sealed class FormerKeys
{
    private const int FingerprintBits = 24;
    private const ulong FingerprintMask = (1 << FingerprintBits) - 1;
    private const double RankUnit = 1 / 256d;

    // With rows of one, two keys that are asked for in turn would make each other forgotten for ever.
    private const int RowLength = 4;

    // Of each slot, the lower 24 bits are the fingerprint, one is whether the key was evicted, and the others are the rank.
    private ulong[]? _slots;

    /// <summary>How many entries the L1 had room for when the memory was made.</summary>
    public int Entries { get; private set; }

    /// <summary>Remembers <paramref name="key"/>, once there was an eviction: a cache that is never full does without.</summary>
    /// <param name="key">The key.</param>
    /// <param name="rank">The rank it had.</param>
    /// <param name="isEvicted">Whether there was no room for it.</param>
    /// <param name="entries">How many entries there are: about three times as many keys are remembered.</param>
    public void Add(string key, double rank, bool isEvicted, int entries)
    {
        // Who has to evict has no room for more. How many that are changes with how large they are; then all begins anew.
        if (isEvicted && (entries >= 1.5 * Entries || entries < Entries / 4))
        {
            Entries = Math.Max(entries, 1);
            _slots = new ulong[(((3L * Entries) / RowLength) + 1) * RowLength];
        }

        if (_slots is null)
        {
            return;
        }

        var hash = Hash(key);
        var row = RowOf(hash);
        var used = row.IndexOf(0UL);
        row[..(used < 0 ? RowLength - 1 : used)].CopyTo(row[1..]);
        row[0] = ((((ulong)(rank / RankUnit) << 1) | (isEvicted ? 1UL : 0)) << FingerprintBits) | Fingerprint(hash);
    }

    /// <summary>Forgets <paramref name="key"/>, and says what was known of it.</summary>
    public bool TryRemove(string key, out double rank, out bool isEvicted)
    {
        var hash = Hash(key);
        foreach (ref var slot in RowOf(hash))
        {
            if ((slot & FingerprintMask) == Fingerprint(hash))
            {
                var known = slot >> FingerprintBits;
                (rank, isEvicted) = ((known >> 1) * RankUnit, (known & 1) != 0);
                slot = 0;
                return true;
            }
        }

        (rank, isEvicted) = (0, false);
        return false;
    }

    private static ulong Hash(string key) => (uint)key.GetHashCode() * 0x9E3779B97F4A7C15UL;

    // Never 0, which is an empty slot.
    private static ulong Fingerprint(ulong hash) => (hash & FingerprintMask) | 1;

    private Span<ulong> RowOf(ulong hash) =>
        _slots is null ? [] : _slots.AsSpan((int)(((hash >> 32) * (ulong)(_slots.Length / RowLength)) >> 32) * RowLength, RowLength);
}
