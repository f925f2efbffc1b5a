namespace Prima.Extensions.Caching.Redis.Perf.Measuring;

/// <summary>How long is measured.</summary>
/// <param name="Rounds">How often each contender has its turn.</param>
/// <param name="Slice">How long a turn is.</param>
/// <param name="WarmUp">How long each runs before.</param>
internal readonly record struct Pace(int Rounds, TimeSpan Slice, TimeSpan WarmUp)
{
    public static readonly Pace Full = new(7, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1));
    public static readonly Pace Gate = new(9, TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(300));
}
