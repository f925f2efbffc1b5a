using System.Diagnostics;
using Prima.Extensions.Caching.Redis.Perf.Measuring;

namespace Prima.Extensions.Caching.Redis.Perf.Fleet;

/// <summary>What readers on several nodes saw while a foreign program wrote.</summary>
/// <param name="PerSecond">Reads in a second, over all nodes.</param>
/// <param name="StaleShare">The share of reads that returned a value whose replacement was in place when the read began.</param>
/// <param name="Median">Of the stale reads: how long the replacement had been in place, in milliseconds.</param>
/// <param name="Longest">The greatest such time, in milliseconds.</param>
internal sealed record StalenessRun(double PerSecond, double StaleShare, double Median, double Longest)
{
    private const int ReadersPerNode = 2;

    public static async Task<StalenessRun> RunAsync(FleetNode[] nodes, ForeignWriter writer, TimeSpan duration)
    {
        using var end = new CancellationTokenSource();
        var writing = Task.Run(() => writer.RunAsync(end.Token));
        var start = Stopwatch.GetTimestamp();
        var readers = nodes.SelectMany(node => Enumerable.Range(0, ReadersPerNode).Select(_ => Task.Run(() => ReadAsync(node, writer, start, duration)))).ToArray();
        var seen = await Task.WhenAll(readers);
        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await end.CancelAsync();
        await writing;
        var reads = seen.Sum(static reader => reader.Reads);
        var ages = seen.SelectMany(static reader => reader.Ages).Order().ToArray();
        return new(reads / elapsed, (double)ages.Length / reads, ages.Length == 0 ? 0 : Statistics.Quantile(ages, 0.5), ages.Length == 0 ? 0 : ages[^1]);
    }

    private static async Task<(long Reads, List<double> Ages)> ReadAsync(FleetNode node, ForeignWriter writer, long start, TimeSpan duration)
    {
        var ages = new List<double>();
        long reads = 0;
        for (; Stopwatch.GetElapsedTime(start) < duration; reads++)
        {
            var key = Random.Shared.Next(ForeignWriter.KeyCount);
            var newest = writer.Newest(key);
            var began = Stopwatch.GetTimestamp();
            var version = ForeignWriter.VersionOf(await node.GetOrCreateAsync(ForeignWriter.KeyOf(key), static () => throw new InvalidOperationException("The entry is in Redis.")).ConfigureAwait(false));
            if (version < newest)
            {
                ages.Add(Stopwatch.GetElapsedTime(writer.ReplacedAt(key, version), began).TotalMilliseconds);
            }

            // Others on this machine are to have their turn: a hit in memory never waits.
            if (reads % 100 == 0)
            {
                await Task.Yield();
            }
        }

        return (reads, ages);
    }
}
