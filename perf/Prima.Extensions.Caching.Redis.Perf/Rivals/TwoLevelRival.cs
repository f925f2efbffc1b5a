namespace Prima.Extensions.Caching.Redis.Perf.Rivals;

/// <summary>A cache with an L1 in the process and Redis behind it, as an application registers it.</summary>
internal abstract class TwoLevelRival(string name) : IAsyncDisposable
{
    /// <summary>So many hits are made between two looks at the clock, which costs as much as a hit.</summary>
    protected const int HitsAtATime = 256;

    public string Name => name;

    /// <summary>Completes once a value that is set stays in the L1.</summary>
    public virtual Task ReadyAsync() => Task.CompletedTask;

    public abstract ValueTask SetAsync<T>(string key, T value);

    /// <summary>Reads a key that must be there.</summary>
    public abstract ValueTask<T> GetAsync<T>(string key);

    /// <summary>Reads a key again and again until <paramref name="slice"/> is over: nothing is between the loop and the cache.</summary>
    /// <returns>The number of reads.</returns>
    public abstract Task<long> ReadAsync<T>(string key, TimeSpan slice);

    public abstract ValueTask DisposeAsync();

    public sealed override string ToString() => name;

    protected static ValueTask<T> Missing<T>() => throw new InvalidOperationException("The entry is not in the cache.");
}
