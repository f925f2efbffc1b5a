using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace Prima.Extensions.Caching.Redis.Perf.Rivals;

/// <summary>An <see cref="IBufferDistributedCache"/>: ours in both layouts, and Microsoft's.</summary>
internal sealed class DistributedCacheRival(string name, IBufferDistributedCache cache)
    : Rival(name, Ability.Sliding | Ability.Buffers | Ability.Refresh)
{
    public IBufferDistributedCache Cache => cache;

    public override ValueTask<byte[]?> GetAsync(string key) => new(cache.GetAsync(key));

    public override ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination) => cache.TryGetAsync(key, destination);

    public override ValueTask SetAsync(string key, byte[] value, Expiry expiry) => new(cache.SetAsync(key, value, expiry.Options()));

    public override ValueTask SetAsync(string key, ReadOnlySequence<byte> value, Expiry expiry) => cache.SetAsync(key, value, expiry.Options());

    public override ValueTask RefreshAsync(string key) => new(cache.RefreshAsync(key));

    public override ValueTask RemoveAsync(string key) => new(cache.RemoveAsync(key));

    public override ValueTask DisposeAsync()
    {
        ((IDisposable)cache).Dispose();
        return ValueTask.CompletedTask;
    }
}
