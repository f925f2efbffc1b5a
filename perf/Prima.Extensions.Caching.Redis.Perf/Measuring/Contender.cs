namespace Prima.Extensions.Caching.Redis.Perf.Measuring;

/// <summary>One side of a comparison.</summary>
/// <param name="Name">The rival, and how it is used where that is not plain.</param>
/// <param name="RunAsync">Works until the given time span is over, at least once, and returns the number of operations.</param>
/// <param name="CheckAsync">Works once, and throws where a result is wrong.</param>
internal sealed record Contender(string Name, Func<TimeSpan, Task<long>> RunAsync, Func<Task> CheckAsync);
