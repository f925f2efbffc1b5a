using Prima.Extensions.Caching.Redis.Hybrid.Tags;

namespace Prima.Extensions.Caching.Redis.Hybrid.Local;

/// <summary>What the L1 holds under a key.</summary>
internal abstract class LocalEntry
{
    public const int NotInMain = -1;

    /// <summary>How far <see cref="Uses"/> counts. More says no more about what stays, but makes a former favourite stay longer.</summary>
    public const byte MostUses = 15;

    public required string Key { get; init; }

    /// <summary>How much of the L1's bytes the entry takes. Once it is in there, only <see cref="LocalStore"/> changes it.</summary>
    public required long Size { get; set; }

    /// <summary>When the value was made, as in the payload's header: UTC ticks.</summary>
    public required long Created { get; init; }

    /// <summary>The payload's random number, where the entry is a copy of what this node wrote.</summary>
    public ushort Entropy { get; init; }

    /// <summary>When the entry ends, in milliseconds of <see cref="HybridClock.Milliseconds"/>.</summary>
    public required long ExpiresAt { get; init; }

    /// <summary>The stamps of the entry's tags; they change when a tag is removed.</summary>
    public TagStamp[] Stamps { get; init; } = [];

    /// <summary>What must still be the L1's epoch for the entry to be answered.</summary>
    public required long Epoch { get; init; }

    /// <summary>Whether the entry was made while no invalidations came in: it is only answered while that lasts.</summary>
    public bool IsOfOutage { get; init; }

    /// <summary>The write of this node that the entry is a copy of; its echo may come.</summary>
    public OwnWrite? Write { get; init; }

    // The rest belongs to LocalStore, under its lock; Uses is written without, which costs a count now and then.
    public LocalEntry? Older { get; set; }

    public LocalEntry? Newer { get; set; }

    /// <summary>Where the entry is in the heap of the main part; <see cref="NotInMain"/> in the window.</summary>
    public int HeapIndex { get; set; } = NotInMain;

    public bool IsInMain => HeapIndex != NotInMain;

    /// <summary>How often the entry was used before <see cref="Uses"/>, as <see cref="FadingCount"/> counts.</summary>
    public double Rank { get; set; }

    public byte Uses { get; set; }

    /// <summary>Whether the entry is read often, as far as is known.</summary>
    public bool IsReadOften => Uses == MostUses;

    /// <summary>Whether the key was evicted a while before.</summary>
    public bool IsBack { get; set; }

    /// <summary>Whether one of the entry's tags was removed after the entry was made.</summary>
    public bool IsRemovedByTag()
    {
        foreach (var stamp in Stamps)
        {
            if (stamp.Covers(Created))
            {
                return true;
            }
        }

        return false;
    }
}
