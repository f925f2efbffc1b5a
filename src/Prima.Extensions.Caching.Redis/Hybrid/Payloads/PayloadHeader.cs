namespace Prima.Extensions.Caching.Redis.Hybrid.Payloads;

/// <summary>What stands in front of a payload's value.</summary>
/// <param name="Created">When the value was made: UTC ticks.</param>
/// <param name="Duration">How long it lives from then: ticks.</param>
/// <param name="Entropy">A random number, so that two payloads made at the same time differ.</param>
/// <param name="Tags">The tags.</param>
/// <param name="Offset">Where the value begins.</param>
/// <param name="Length">How long it is.</param>
internal readonly record struct PayloadHeader(long Created, long Duration, ushort Entropy, string[] Tags, int Offset, int Length)
{
    /// <summary>When the entry ends: UTC ticks.</summary>
    public long Ends => Duration > DateTime.MaxValue.Ticks - Created ? DateTime.MaxValue.Ticks : Created + Duration;
}
