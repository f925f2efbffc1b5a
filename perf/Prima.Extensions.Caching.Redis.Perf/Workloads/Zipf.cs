namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

/// <summary>Keys as applications ask for them: the n-th most wanted of 100,000 with a probability in proportion to 1/n^0.99, the same in every run.</summary>
internal static class Zipf
{
    public const int KeyCount = 100_000;
    public const int DrawCount = 1 << 20;

    private const double Exponent = 0.99;

    private static readonly Lazy<int[]> Lazy = new(Draw);

    /// <summary>Numbers of keys, in the order in which they are asked for.</summary>
    public static int[] Draws => Lazy.Value;

    private static int[] Draw()
    {
        var cumulative = new double[KeyCount];
        var sum = 0d;
        for (var i = 0; i < KeyCount; i++)
        {
            cumulative[i] = sum += 1 / Math.Pow(i + 1, Exponent);
        }

        var random = new Random(42);
        var draws = new int[DrawCount];
        for (var i = 0; i < DrawCount; i++)
        {
            var found = Array.BinarySearch(cumulative, random.NextDouble() * sum);
            draws[i] = Math.Min(found < 0 ? ~found : found, KeyCount - 1);
        }

        return draws;
    }
}
