namespace Prima.Extensions.Caching.Redis.Hybrid.Local;

/// <summary>A write of this node, from before it is sent until its echo has come back.</summary>
/// <remarks>
/// A source that cannot tell who wrote announces this node's own writes too, and several writes of a key in one turn of Redis' event loop only once. So the first
/// announcement does not evict the node's own copy, but has it compared with what is in Redis; any further one evicts.
/// </remarks>
internal sealed class OwnWrite(string key, long epoch, bool wasArmed, long beganAt) : ReadGuard(key, epoch, wasArmed)
{
    /// <summary>A timestamp, if anybody wants to know how long the echo takes.</summary>
    public long BeganAt => beganAt;

    /// <summary>Whether the one announcement that may be the echo has come. Under the lock of the key's stripe.</summary>
    public bool IsEchoed { get; set; }
}
