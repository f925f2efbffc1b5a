namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid.Coherence;

/// <summary>The time of a node whose clock is wrong.</summary>
internal sealed class SkewedTime(TimeSpan skew) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + skew;
}
