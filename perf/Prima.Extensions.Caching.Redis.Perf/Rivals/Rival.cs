using System.Buffers;

namespace Prima.Extensions.Caching.Redis.Perf.Rivals;

/// <summary>A cache as an application uses it, in front of Redis and with a connection of its own.</summary>
/// <remarks>Members hand on the task that the cache returned: what is measured is the cache.
/// Where a rival has to await something itself, that allocates nothing.</remarks>
internal abstract class Rival(string name, Ability abilities) : IAsyncDisposable
{
    public string Name => name;

    public bool Can(Ability ability) => (abilities & ability) == ability;

    public abstract ValueTask<byte[]?> GetAsync(string key);

    public abstract ValueTask SetAsync(string key, byte[] value, Expiry expiry);

    public abstract ValueTask RemoveAsync(string key);

    /// <summary>Needs <see cref="Ability.Buffers"/>.</summary>
    public virtual ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination) => throw new NotSupportedException();

    /// <summary>Needs <see cref="Ability.Buffers"/>.</summary>
    public virtual ValueTask SetAsync(string key, ReadOnlySequence<byte> value, Expiry expiry) => throw new NotSupportedException();

    /// <summary>Needs <see cref="Ability.Refresh"/>.</summary>
    public virtual ValueTask RefreshAsync(string key) => throw new NotSupportedException();

    public abstract ValueTask DisposeAsync();

    public sealed override string ToString() => name;
}
