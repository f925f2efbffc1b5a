namespace Prima.Extensions.Caching.Redis.Hybrid.Local;

/// <summary>A write of this node, from before it is sent until its echo has come back.</summary>
/// <remarks>
/// <para>A source that cannot tell who wrote announces this node's own writes too, and several writes of a key in one turn of Redis' event loop only once. So
/// what may be an echo does not evict the node's own copy, but has it compared with what is in Redis; any further announcement evicts.</para>
/// <para>Of writes of a key that overlap, only Redis knows which was the last. The copy of the one that began last is held, and compared.</para>
/// <para>All of it belongs to <see cref="LocalCache"/>, under the lock of the key's stripe.</para>
/// </remarks>
internal sealed class OwnWrite(string key, long epoch, bool wasArmed, long number) : ReadGuard(key, epoch, wasArmed)
{
    private int _echoesToCome = 1;

    /// <summary>Counts up from write to write of a key.</summary>
    public long Number => number;

    /// <summary>Whether Redis may have something else, by all that this node knows.</summary>
    public bool IsInDoubt { get; private set; }

    /// <summary>Takes note that <paramref name="other"/> is under way at the same time: its echo is heard here, too.</summary>
    public void Overlaps(OwnWrite other)
    {
        _echoesToCome++;
        other._echoesToCome++;
        IsInDoubt = other.IsInDoubt = true;
    }

    /// <summary>Takes an announcement for the echo of this write, or of one that overlapped it.</summary>
    /// <returns>Whether it can be one: there are no more than writes.</returns>
    public bool TryTakeForEcho()
    {
        IsInDoubt = true;
        return _echoesToCome-- > 0;
    }
}
