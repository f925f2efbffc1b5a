using Microsoft.Extensions.Caching.Hybrid;

namespace Prima.Extensions.Caching.Redis;

/// <summary>Options of <see cref="PrimaHybridCache"/>, beside those it shares with Microsoft's HybridCache: <see cref="HybridCacheOptions"/>.</summary>
public sealed class PrimaHybridCacheOptions
{
    /// <summary>How many entries the L1 holds at most.</summary>
    /// <value>The default is 100,000. Allowed are 1 to 100,000,000.</value>
    public int MaximumLocalEntries { get; set; } = 100_000;

    /// <summary>How many bytes the entries of the L1 take at most. An entry counts as its serialized value, its key, its tags, and 256 bytes, and the strings that copies of it share; one of more than a tenth of the whole is not held.</summary>
    /// <value>The default is 100 MiB. Allowed are 64 KiB to 1 TiB.</value>
    public long MaximumLocalBytes { get; set; } = 100 * 1024 * 1024;

    /// <summary>How many tags this node remembers at most. Of a tag that it does not remember it asks Redis.</summary>
    /// <value>The default is 100,000. Allowed are 16 to 100,000,000.</value>
    public int MaximumTags { get; set; } = 100_000;

    /// <summary>How long the L1 answers, while Redis is away, with what this node's own factory made after the loss: the declared staleness of an outage.</summary>
    /// <value>The default is 5 seconds. Zero turns it off. Allowed are 0 to 1 hour.</value>
    public TimeSpan OutageLocalExpiration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether a <see langword="null"/> that a factory returns is an entry, as with Microsoft's HybridCache. If not, it is handed to the caller and not kept, and to set one is to remove the key.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool CacheNulls { get; set; } = true;

    /// <summary>Whether a type without a <c>[MessagePackObject]</c> contract is serialized by MessagePack too, by the names of its public members, rather than by JSON.</summary>
    /// <remarks>It is faster and smaller than JSON. Renaming a member loses its value in old entries, members that are not public are left out, and nodes with Microsoft's default serializer cannot read such entries.</remarks>
    /// <value>The default is <see langword="false"/>.</value>
    public bool SerializeWithoutContracts { get; set; }

    /// <summary>Types whose instances are never changed once they are cached: every caller gets the same instance, and a hit copies nothing.</summary>
    /// <remarks>
    /// Strings, value types without references, and sealed types with <c>[ImmutableObject(true)]</c> need not be named. To name a type whose instances are changed lets one caller's change reach the others.
    /// </remarks>
    /// <value>The default is empty.</value>
    public ISet<Type> SharedTypes { get; } = new HashSet<Type>();

    /// <summary>Whether a miss takes a lease in Redis, so that over all nodes one factory runs for a key, and what it made is refused if the key was written or removed meanwhile. See <see cref="PrimaHybridCacheEntryFlags.DisableLease"/>.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool UseLeases { get; set; } = true;

    /// <summary>How long a lease lasts without being renewed. A node that runs a factory renews its lease; when it dies, the others wait for this long at most.</summary>
    /// <value>The default is 5 seconds. Allowed are 100 milliseconds to 1 hour.</value>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(5);
}
