namespace Prima.Extensions.Caching.Redis.Hybrid.Tags;

/// <summary>When a tag was last removed. Entries of the L1 hold the stamps of their tags, so that a hit looks nothing up.</summary>
internal sealed class TagStamp(long ticks)
{
    private const long Everything = long.MaxValue;

    private long _ticks = ticks;

    /// <summary>Whether an entry made at <paramref name="created"/> (UTC ticks) is gone.</summary>
    public bool Covers(long created) => created <= Volatile.Read(ref _ticks);

    /// <summary>The tag was removed at <paramref name="ticks"/>; an older removal changes nothing.</summary>
    public void Raise(long ticks)
    {
        for (var present = Volatile.Read(ref _ticks); present < ticks;)
        {
            var found = Interlocked.CompareExchange(ref _ticks, ticks, present);
            if (found == present)
            {
                return;
            }

            present = found;
        }
    }

    /// <summary>Nothing is known of the tag any more: entries that rely on this stamp are gone.</summary>
    public void Forget() => Raise(Everything);
}
