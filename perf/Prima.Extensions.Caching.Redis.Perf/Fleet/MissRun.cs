using System.Diagnostics;
using Prima.Extensions.Caching.Redis.Perf.Measuring;

namespace Prima.Extensions.Caching.Redis.Perf.Fleet;

/// <summary>All nodes miss the same key at the same moment; its factory takes 100 ms.</summary>
/// <param name="FactoryCalls">How often the factory ran, for each key.</param>
/// <param name="Latencies">How long callers waited, in milliseconds, from the least.</param>
internal sealed record MissRun(double FactoryCalls, double[] Latencies)
{
    private const int CallersPerNode = 4;

    private static readonly TimeSpan Factory = TimeSpan.FromMilliseconds(100);

    public double P50 => Statistics.Quantile(Latencies, 0.5);

    public double P99 => Statistics.Quantile(Latencies, 0.99);

    public static async Task<MissRun> RunAsync(FleetNode[] nodes, int keys)
    {
        var calls = 0;
        var latencies = new List<double>();
        for (var i = 0; i < keys; i++)
        {
            var key = Guid.NewGuid().ToString("N");
            latencies.AddRange(await Task.WhenAll(nodes.SelectMany(node => Enumerable.Range(0, CallersPerNode).Select(_ => Task.Run(() => CallAsync(node, key))))));
        }

        return new((double)calls / keys, [.. latencies.Order()]);

        async Task<double> CallAsync(FleetNode node, string key)
        {
            var began = Stopwatch.GetTimestamp();
            await node.GetOrCreateAsync(key, MakeAsync).ConfigureAwait(false);
            return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }

        async ValueTask<byte[]> MakeAsync()
        {
            Interlocked.Increment(ref calls);
            await Task.Delay(Factory).ConfigureAwait(false);
            return new byte[256];
        }
    }
}
