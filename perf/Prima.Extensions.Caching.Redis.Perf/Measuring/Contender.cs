using System.Diagnostics;

namespace Prima.Extensions.Caching.Redis.Perf.Measuring;

/// <summary>One side of a comparison.</summary>
/// <param name="Name">The rival, and how it is used where that is not plain.</param>
/// <param name="RunAsync">Works until the given time span is over, at least once, and returns the number of operations.</param>
/// <param name="CheckAsync">Works once, and throws where a result is wrong.</param>
internal sealed record Contender(string Name, Func<TimeSpan, Task<long>> RunAsync, Func<Task> CheckAsync)
{
    /// <summary>Works in batches, one after the other; what is counted is entries.</summary>
    public static Contender OfBatches(string name, int entries, Func<Task> batch, Func<Task> check) => new(
        name,
        async slice =>
        {
            var start = Stopwatch.GetTimestamp();
            long operations = 0;
            do
            {
                await batch();
                operations += entries;
            }
            while (Stopwatch.GetElapsedTime(start) < slice);
            return operations;
        },
        check);
}
