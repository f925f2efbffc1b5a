namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

/// <summary>Reads of 100,000 keys by Zipf's law with exponent 0.9, and after every 100,000 of them a scan of 20,000 keys that are asked for once. The same in every run.</summary>
internal static class ScannedZipf
{
    public const int Room = KeyCount / 10;

    private const int KeyCount = 100_000;
    private const int ScanLength = 20_000;
    private const int BetweenScans = 100_000;
    private const double Exponent = 0.9;

    /// <summary>The keys in the order in which they are asked for.</summary>
    public static IEnumerable<string> Keys(int count)
    {
        var cumulative = new double[KeyCount];
        var sum = 0d;
        for (var i = 0; i < KeyCount; i++)
        {
            cumulative[i] = sum += 1 / Math.Pow(i + 1, Exponent);
        }

        var names = Enumerable.Range(0, KeyCount).Select(static number => $"key {number}").ToArray();
        var random = new Random(42);
        for (int reads = 0, scanned = 0; reads < count; reads++)
        {
            if (reads % (BetweenScans + ScanLength) >= BetweenScans)
            {
                yield return $"scan {scanned++}";
                continue;
            }

            var found = Array.BinarySearch(cumulative, random.NextDouble() * sum);
            yield return names[Math.Min(found < 0 ? ~found : found, KeyCount - 1)];
        }
    }
}
