namespace Prima.Extensions.Caching.Redis.Hybrid.Local;

/// <summary>How often something was used, where a use counts half as much after a while.</summary>
/// <remarks>
/// A count is kept as a rank: the logarithm to base 2 of what it was worth had time stood still at the beginning. So ranks of different times compare as the counts do today, and to fade all of
/// them is to move the time.
/// </remarks>
internal sealed class FadingCount
{
    private double _halvings;

    /// <summary>The rank of what was used once, now.</summary>
    public double RankOfOne => _halvings;

    /// <summary>Lets all counts fade by so many halvings.</summary>
    public void Fade(double halvings) => _halvings += halvings;

    /// <summary>What <paramref name="rank"/> becomes after so many uses now.</summary>
    public double Raise(double rank, int uses) => _halvings + Math.Log2(double.Exp2(rank - _halvings) + uses);
}
