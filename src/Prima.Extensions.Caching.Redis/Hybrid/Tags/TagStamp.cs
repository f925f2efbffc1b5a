namespace Prima.Extensions.Caching.Redis.Hybrid.Tags;

/// <summary>When a tag was last removed. Entries of the L1 hold the stamps of their tags, so that a hit looks nothing up.</summary>
/// <param name="key">Under which key it is in Redis.</param>
/// <param name="ticks">UTC ticks of the last removal that is known.</param>
/// <param name="isComplete">Whether removals before now are known, and not only those to come.</param>
internal sealed class TagStamp(string key, long ticks, bool isComplete)
{
    /// <summary>The stamp of a tag of which nothing is known.</summary>
    public static readonly TagStamp Forgotten = new("", Everything, isComplete: false);

    private const long Everything = long.MaxValue;

    private long _ticks = ticks;
    private volatile bool _isComplete = isComplete;

    public string Key => key;

    public bool IsComplete => _isComplete;

    /// <summary>Whether nothing is known of the tag any more.</summary>
    public bool IsForgotten => Covers(Everything);

    /// <summary>Whether an entry made at <paramref name="created"/> (UTC ticks) is gone.</summary>
    public bool Covers(long created) => created <= Volatile.Read(ref _ticks);

    /// <summary>The tag was removed at <paramref name="removed"/>; an older removal changes nothing.</summary>
    public void Raise(long removed)
    {
        for (var present = Volatile.Read(ref _ticks); present < removed;)
        {
            var found = Interlocked.CompareExchange(ref _ticks, removed, present);
            if (found == present)
            {
                return;
            }

            present = found;
        }
    }

    /// <summary>Redis was asked: the last removal was at <paramref name="removed"/>.</summary>
    public void Complete(long removed)
    {
        Raise(removed);
        _isComplete = true;
    }

    /// <summary>Nothing is known of the tag any more: entries that rely on this stamp are gone.</summary>
    public void Forget() => Raise(Everything);
}
