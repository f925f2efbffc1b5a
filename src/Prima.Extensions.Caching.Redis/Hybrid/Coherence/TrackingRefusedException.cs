using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>The server, or this user's rights, will not let this cache be told of changes by Redis itself.</summary>
/// <param name="reason">What the server said, without anything that it quoted.</param>
/// <param name="isFinal">Whether asking again is in vain.</param>
internal sealed class TrackingRefusedException(string reason, bool isFinal) : RedisException(reason)
{
    public bool IsFinal => isFinal;
}
