namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>Which primary announces the changes of which key.</summary>
/// <param name="Primaries">The primaries.</param>
/// <param name="Owners">On a cluster, for each slot the index of its primary, or -1; otherwise <see langword="null"/>: there is one primary.</param>
internal sealed record TrackingRoute(TrackedPrimary[] Primaries, short[]? Owners)
{
    private readonly bool[] _ownsSlots = [.. Primaries.Select((_, index) => Owners is null || Owners.Contains((short)index))];
    private readonly bool _isComplete = Primaries.Length > 0 && Owners?.Contains((short)-1) != true;

    public bool IsArmed(byte[] prefix, string key, long now)
    {
        var areOwnersArmed = true;
        for (var i = 0; i < Primaries.Length; i++)
        {
            if (!Primaries[i].IsArmedAt(now))
            {
                // A slot may be on its way to a primary that has none yet: without that one's announcements no slot is safe.
                if (!_ownsSlots[i])
                {
                    return false;
                }

                areOwnersArmed = false;
            }
        }

        return areOwnersArmed && _isComplete || Owners is not null && IsOwnerArmed(Owners[KeySlot.Of(prefix, key)], now);
    }

    public bool IsArmedForAll(long now)
    {
        foreach (var primary in Primaries)
        {
            if (!primary.IsArmedAt(now))
            {
                return false;
            }
        }

        return _isComplete;
    }

    private bool IsOwnerArmed(short owner, long now) => owner >= 0 && Primaries[owner].IsArmedAt(now);
}
