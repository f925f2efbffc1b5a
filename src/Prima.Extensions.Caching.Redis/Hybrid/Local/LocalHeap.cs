namespace Prima.Extensions.Caching.Redis.Hybrid.Local;

/// <summary>Entries of which the one with the lowest rank is at hand, with their number and bytes: a binary heap that any entry can be taken out of.</summary>
internal sealed class LocalHeap
{
    private readonly List<LocalEntry> _entries = [];

    public LocalEntry? Lowest => _entries is [var lowest, ..] ? lowest : null;

    public int Count => _entries.Count;

    public long Bytes { get; private set; }

    public LocalEntry this[int index] => _entries[index];

    /// <summary>Takes <paramref name="entry"/> in. Whenever its rank changes from then on, <see cref="Raised"/> must be told.</summary>
    public void Add(LocalEntry entry)
    {
        Bytes += entry.Size;
        _entries.Add(entry);
        Rise(entry, _entries.Count - 1);
    }

    public void Remove(LocalEntry entry)
    {
        var index = entry.HeapIndex;
        var last = _entries[^1];
        _entries.RemoveAt(_entries.Count - 1);
        if (last != entry)
        {
            Sink(last, index);
            Rise(last, last.HeapIndex);
        }

        entry.HeapIndex = LocalEntry.NotInMain;
        Bytes -= entry.Size;
    }

    /// <summary>An entry in here takes <paramref name="bytes"/> more.</summary>
    public void Grow(long bytes) => Bytes += bytes;

    /// <summary>Finds the place of <paramref name="entry"/> after its rank went up.</summary>
    public void Raised(LocalEntry entry) => Sink(entry, entry.HeapIndex);

    public void Clear()
    {
        foreach (var entry in _entries)
        {
            entry.HeapIndex = LocalEntry.NotInMain;
        }

        _entries.Clear();
        Bytes = 0;
    }

    private void Rise(LocalEntry entry, int index)
    {
        while (index > 0 && _entries[(index - 1) / 2] is var parent && entry.Rank < parent.Rank)
        {
            Put(parent, index);
            index = (index - 1) / 2;
        }

        Put(entry, index);
    }

    private void Sink(LocalEntry entry, int index)
    {
        for (var child = (2 * index) + 1; child < _entries.Count; child = (2 * index) + 1)
        {
            if (child + 1 < _entries.Count && _entries[child + 1].Rank < _entries[child].Rank)
            {
                child++;
            }

            if (entry.Rank <= _entries[child].Rank)
            {
                break;
            }

            Put(_entries[child], index);
            index = child;
        }

        Put(entry, index);
    }

    private void Put(LocalEntry entry, int index)
    {
        _entries[index] = entry;
        entry.HeapIndex = index;
    }
}
