namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

/// <summary>Reads of 100,000 keys by Zipf's law with exponent 0.9, and a sixth of all are scans: keys that are asked for once. The same in every run.</summary>
internal static class ScannedZipf
{
    public const int Room = KeyCount / 10;

    private const int KeyCount = 100_000;
    private const int ScanLength = 20_000;
    private const int BetweenScans = 100_000;
    private const double Exponent = 0.9;

    /// <summary>The keys in the order in which they are asked for; after every 100,000 a scan of 20,000 in a row.</summary>
    public static IEnumerable<string> InARow(int count) => Keys(count, static (reads, _) => reads % (BetweenScans + ScanLength) >= BetweenScans);

    /// <summary>The same share of scans, each key of them between others.</summary>
    public static IEnumerable<string> Scattered(int count) => Keys(count, static (_, random) => random.Next(BetweenScans + ScanLength) >= BetweenScans);

    private static IEnumerable<string> Keys(int count, Func<int, Random, bool> isScan)
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
            if (isScan(reads, random))
            {
                yield return $"scan {scanned++}";
                continue;
            }

            var found = Array.BinarySearch(cumulative, random.NextDouble() * sum);
            yield return names[Math.Min(found < 0 ? ~found : found, KeyCount - 1)];
        }
    }
}
