namespace Prima.Extensions.Caching.Redis.Perf.Measuring;

/// <summary>The median of a few numbers, and the quartiles between which half of them are.</summary>
internal readonly record struct Statistics(double Median, double Low, double High)
{
    public static Statistics Of(IEnumerable<double> numbers)
    {
        var sorted = numbers.Order().ToArray();
        return new(Quantile(sorted, 0.5), Quantile(sorted, 0.25), Quantile(sorted, 0.75));
    }

    /// <summary>The ratio within each round, of throughput.</summary>
    public static Statistics Ratio(IEnumerable<Slice> of, IEnumerable<Slice> against) =>
        Of(of.Zip(against, static (ours, theirs) => ours.PerSecond / theirs.PerSecond));

    /// <summary>The value below which the given share of <paramref name="sorted"/> lies, interpolated between neighbours.</summary>
    public static double Quantile(ReadOnlySpan<double> sorted, double share)
    {
        var position = share * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((sorted[above] - sorted[below]) * (position - below));
    }
}
