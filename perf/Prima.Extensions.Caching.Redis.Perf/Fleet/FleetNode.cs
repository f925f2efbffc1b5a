namespace Prima.Extensions.Caching.Redis.Perf.Fleet;

/// <summary>A node of an application, as far as its cache goes: with a connection and a first level of its own.</summary>
internal abstract class FleetNode : IAsyncDisposable
{
    /// <summary>Reads an entry, and makes it where it is missing.</summary>
    public abstract ValueTask<byte[]> GetOrCreateAsync(string key, Func<ValueTask<byte[]>> factory);

    public abstract ValueTask DisposeAsync();
}
