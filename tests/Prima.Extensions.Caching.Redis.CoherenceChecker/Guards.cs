namespace Prima.Extensions.Caching.Redis.CoherenceChecker;

/// <summary>The guards of an L1 that can be switched off one by one.</summary>
public static class Guards
{
    /// <summary>A read of Redis that began before an invalidation does not enter the L1.</summary>
    public const string InFlight = "in-flight";

    /// <summary>The L1 is emptied when invalidations may have been lost.</summary>
    public const string Flush = "flush";

    /// <summary>What was made while the key was set or removed is not written. The fence is the lease, and before it the in-flight guard, which stops most such fills on their own node: both are off.</summary>
    public const string Fence = "fence";
}
