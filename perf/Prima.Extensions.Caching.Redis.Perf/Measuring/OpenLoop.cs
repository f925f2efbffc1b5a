using System.Diagnostics;

namespace Prima.Extensions.Caching.Redis.Perf.Measuring;

/// <summary>Calls that are due at fixed times, whether those before are answered or not, as users come to a server.</summary>
/// <remarks>
/// The latency of a call runs from the time it was due: when the cache, the machine or this generator is late, every call that had to wait for it says so
/// (a loop that waits for each answer would leave exactly those calls out: "coordinated omission").
/// </remarks>
internal sealed class OpenLoop(int perSecond, TimeSpan duration)
{
    public int PerSecond => perSecond;

    /// <param name="call">Makes the call with this number.</param>
    /// <returns>The latencies in microseconds, from the least.</returns>
    public async Task<double[]> RunAsync(Func<int, Task> call)
    {
        var latencies = new double[(int)(perSecond * duration.TotalSeconds)];
        var tasks = new Task[latencies.Length];
        await Task.Factory.StartNew(
            () =>
            {
                var start = Stopwatch.GetTimestamp();
                for (var i = 0; i < tasks.Length; i++)
                {
                    var due = start + (i * Stopwatch.Frequency / perSecond);
                    while (Stopwatch.GetTimestamp() < due)
                    {
                        // Sleeping would be late by more than a call takes.
                        Thread.Yield();
                    }

                    tasks[i] = CallAsync(i, due);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await Task.WhenAll(tasks);
        Array.Sort(latencies);
        return latencies;

        async Task CallAsync(int number, long due)
        {
            await call(number).ConfigureAwait(false);
            latencies[number] = Stopwatch.GetElapsedTime(due).TotalMicroseconds;
        }
    }
}
