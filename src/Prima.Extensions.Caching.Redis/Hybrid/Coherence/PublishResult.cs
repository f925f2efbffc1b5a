namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>What became of a message.</summary>
internal enum PublishResult
{
    /// <summary>Redis could not be asked.</summary>
    Failed,

    Sent,

    /// <summary>The server, or this user's rights, do not allow it.</summary>
    Refused,
}
