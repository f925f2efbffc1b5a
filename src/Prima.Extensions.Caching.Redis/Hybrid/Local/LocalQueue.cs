namespace Prima.Extensions.Caching.Redis.Hybrid.Local;

/// <summary>Entries in the order they came, with their number and bytes.</summary>
internal sealed class LocalQueue
{
    private LocalEntry? _newest;

    public LocalEntry? Oldest { get; private set; }

    public int Count { get; private set; }

    public long Bytes { get; private set; }

    public void Add(LocalEntry entry)
    {
        entry.Older = _newest;
        entry.Newer = null;
        if (_newest is null)
        {
            Oldest = entry;
        }
        else
        {
            _newest.Newer = entry;
        }

        _newest = entry;
        Count++;
        Bytes += entry.Size;
    }

    public void Remove(LocalEntry entry)
    {
        if (entry.Older is null)
        {
            Oldest = entry.Newer;
        }
        else
        {
            entry.Older.Newer = entry.Newer;
        }

        if (entry.Newer is null)
        {
            _newest = entry.Older;
        }
        else
        {
            entry.Newer.Older = entry.Older;
        }

        entry.Older = entry.Newer = null;
        Count--;
        Bytes -= entry.Size;
    }

    /// <summary>An entry in here takes <paramref name="bytes"/> more.</summary>
    public void Grow(long bytes) => Bytes += bytes;

    public void Clear()
    {
        // An entry that is still looked at by a reader must not keep all the others alive.
        for (var entry = Oldest; entry is not null;)
        {
            var next = entry.Newer;
            entry.Older = entry.Newer = null;
            entry = next;
        }

        Oldest = _newest = null;
        Count = 0;
        Bytes = 0;
    }
}
