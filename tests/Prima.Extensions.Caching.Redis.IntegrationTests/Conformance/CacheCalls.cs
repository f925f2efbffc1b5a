using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;

/// <summary>One vocabulary for all ways into a cache, so that each test can be run through each.</summary>
public static class CacheCalls
{
    public static async Task<byte[]?> GetAsync(this IBufferDistributedCache cache, CacheAccess access, string key, CancellationToken token = default)
    {
        var destination = new ArrayBufferWriter<byte>();
        switch (access)
        {
            case CacheAccess.Sync:
                return cache.Get(key);
            case CacheAccess.Async:
                return await cache.GetAsync(key, token);
            case CacheAccess.BufferSync:
                return cache.TryGet(key, destination) ? destination.WrittenSpan.ToArray() : null;
            default:
                return await cache.TryGetAsync(key, destination, token) ? destination.WrittenSpan.ToArray() : null;
        }
    }

    public static async Task SetAsync(
        this IBufferDistributedCache cache, CacheAccess access, string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        switch (access)
        {
            case CacheAccess.Sync:
                cache.Set(key, value, options);
                break;
            case CacheAccess.Async:
                await cache.SetAsync(key, value, options, token);
                break;
            case CacheAccess.BufferSync:
                cache.Set(key, InTwoSegments(value), options);
                break;
            default:
                await cache.SetAsync(key, InTwoSegments(value), options, token);
                break;
        }
    }

    public static async Task RefreshAsync(this IBufferDistributedCache cache, CacheAccess access, string key, CancellationToken token = default)
    {
        if (IsSync(access))
        {
            cache.Refresh(key);
        }
        else
        {
            await cache.RefreshAsync(key, token);
        }
    }

    public static async Task RemoveAsync(this IBufferDistributedCache cache, CacheAccess access, string key, CancellationToken token = default)
    {
        if (IsSync(access))
        {
            cache.Remove(key);
        }
        else
        {
            await cache.RemoveAsync(key, token);
        }
    }

    public static ReadOnlySequence<byte> InTwoSegments(byte[] value)
    {
        var first = new Segment(value.AsMemory(0, value.Length / 2), null);
        var second = new Segment(value.AsMemory(value.Length / 2), first);
        return new ReadOnlySequence<byte>(first, 0, second, second.Memory.Length);
    }

    private static bool IsSync(CacheAccess access) => access is CacheAccess.Sync or CacheAccess.BufferSync;

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }
}
