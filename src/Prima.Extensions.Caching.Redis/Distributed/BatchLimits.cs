namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>How much of a batch is under way at a time.</summary>
internal readonly record struct BatchLimits(int Entries, int Bytes)
{
    /// <summary>A value of this size has a chunk of its own.</summary>
    public int LargeValue => Bytes / 4;
}
