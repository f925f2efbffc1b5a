namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>Whether messages of a sender are missing before the one that came.</summary>
internal enum Continuity
{
    /// <summary>None is.</summary>
    Whole,

    /// <summary>The sender is new here and has sent others before, which may have come before this node listened, or got lost.</summary>
    Unknown,

    Broken,
}
