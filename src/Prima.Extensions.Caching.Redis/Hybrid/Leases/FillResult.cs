namespace Prima.Extensions.Caching.Redis.Hybrid.Leases;

/// <summary>What became of a fill.</summary>
internal enum FillResult
{
    /// <summary>Redis could not be asked; whether it was written is not known.</summary>
    Failed,

    Written,

    /// <summary>Not written: meanwhile the entry was set or removed, or the lease ran out. Nobody may keep the value.</summary>
    Refused,
}
