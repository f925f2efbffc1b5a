using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging.Abstractions;
using Prima.Extensions.Caching.Redis.Hybrid;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Prima.Extensions.Caching.Redis.Hybrid.Leases;

namespace Prima.Extensions.Caching.Redis.CoherenceChecker;

/// <summary>The smallest L1 that is right over the coherence parts: numbers under keys with one tag each. It shows that the parts are enough, and that the checker finds each guard's absence.</summary>
internal sealed class ReferenceCache : HybridCache, IInvalidationSink, IAsyncDisposable
{
    private const int HeaderLength = 16;

    private readonly ConcurrentDictionary<string, Entry> _entries = new();
    private readonly ConcurrentDictionary<string, long> _invalidations = new();
    private readonly ConcurrentDictionary<string, long> _stamps = new();
    private readonly Lock _gate = new();
    private readonly PrimaRedisCache _cache;
    private readonly CoherenceParts _parts;
    private readonly string _withoutGuard;
    private long _epoch;

    public ReferenceCache(PrimaRedisCacheOptions options, string withoutGuard)
    {
        _cache = new(options);
        _withoutGuard = withoutGuard;
        _parts = new(_cache, options, TimeSpan.FromSeconds(5), NullLoggerFactory.Instance, TimeProvider.System);
        _parts.Start(this);
    }

    public override async ValueTask<T> GetOrCreateAsync<TState, T>(string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        var tag = tags!.Single();
        for (var changes = 0; ;)
        {
            var isArmed = _parts.Source.IsArmed(key) && _parts.Source.IsArmed(AnnouncedKey.TagStampPrefix + tag);
            if (isArmed && _entries.TryGetValue(key, out var entry) && entry.Epoch == Volatile.Read(ref _epoch) && await IsFitAsync(entry))
            {
                return (T)(object)entry.Value;
            }

            var guard = Begin(key);
            var bytes = await _cache.GetAsync(key, cancellationToken);
            if (bytes is not null && await IsFitAsync(Parse(bytes, guard)))
            {
                var read = Parse(bytes, guard);

                // A node may be slow here: that is what the guard is for.
                await Task.Delay(Random.Shared.Next(10) == 0 ? Random.Shared.Next(200) : 0, CancellationToken.None);
                Admit(key, read, guard);
                return (T)(object)read.Value;
            }

            var lease = await _parts.Leases.TakeAsync(key, changes > 1 ? LeaseDesk.SeenAnything : (bytes ?? []).AsMemory(0, bytes is null ? 0 : HeaderLength), cancellationToken);
            switch (lease.State)
            {
                case LeaseState.Busy:
                    await _parts.Leases.WaitAsync(lease, cancellationToken);
                    break;
                case LeaseState.Changed:
                    changes++;
                    break;
                default:
                    return await MakeAsync(lease, guard, tag, state, factory, cancellationToken);
            }
        }
    }

    public override async ValueTask SetAsync<T>(string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        var bytes = Render((long)(object)value!, _parts.Clock.CreationTicks, tags!.Single());
        await _parts.Leases.SetAsync(key, new(bytes), TenMinutes, cancellationToken);
        Invalidate(key, mayBeOwn: false);
        _parts.Source.Announce([key]);
    }

    public override async ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        await _parts.Leases.RemoveAsync(key, cancellationToken);
        Invalidate(key, mayBeOwn: false);
        _parts.Source.Announce([key]);
    }

    public override async ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default)
    {
        var stamp = await _parts.Clock.NextStampAsync(cancellationToken);
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, stamp);
        await _cache.SetAsync(AnnouncedKey.TagStampPrefix + tag, bytes, new(), cancellationToken);
        InvalidateTag(tag, stamp);
        _parts.Source.AnnounceTag(tag, stamp);
        await _parts.Clock.PassAsync(stamp, cancellationToken);
    }

    public void Invalidate(string key, bool mayBeOwn)
    {
        lock (_gate)
        {
            _invalidations.AddOrUpdate(key, 1, static (_, count) => count + 1);
            _entries.TryRemove(key, out _);
        }
    }

    public void InvalidateTag(string tag, long stamp) => _stamps.AddOrUpdate(tag, stamp, (_, known) => Math.Max(known, stamp));

    public void Clear(ClearReason reason)
    {
        if (_withoutGuard == Guards.Flush)
        {
            return;
        }

        lock (_gate)
        {
            _epoch++;
            _entries.Clear();
            _stamps.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _parts.DisposeAsync();
        await _cache.DisposeAsync();
    }

    private static DistributedCacheEntryOptions TenMinutes => new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(10) };

    private async ValueTask<T> MakeAsync<TState, T>(Lease lease, Guard guard, string tag, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, CancellationToken token)
    {
        var value = await factory(state, token);
        var bytes = Render((long)(object)value!, lease.TakenAt, tag);
        if (lease.State == LeaseState.Unavailable)
        {
            return value;
        }

        if (_withoutGuard == Guards.Fence)
        {
            await _cache.SetAsync(lease.Key, bytes, TenMinutes, token);
            await _parts.Leases.ReleaseAsync(lease);
            return value;
        }

        if (!IsCurrent(lease.Key, guard))
        {
            await _parts.Leases.ReleaseAsync(lease);
        }
        else if (await _parts.Leases.FillAsync(lease, new(bytes), TenMinutes, token) == FillResult.Written)
        {
            _parts.Source.Announce([lease.Key]);
        }

        return value;
    }

    private Guard Begin(string key)
    {
        lock (_gate)
        {
            return new(_epoch, _invalidations.GetValueOrDefault(key), _parts.Source.IsArmed(key));
        }
    }

    private bool IsCurrent(string key, Guard guard) => guard == Begin(key);

    private void Admit(string key, Entry entry, Guard guard)
    {
        lock (_gate)
        {
            if (guard.IsArmed && (IsCurrent(key, guard) || _withoutGuard == Guards.InFlight))
            {
                _entries[key] = entry with { Epoch = _epoch };
            }
        }
    }

    private async ValueTask<bool> IsFitAsync(Entry entry)
    {
        if (!_stamps.TryGetValue(entry.Tag, out var stamp))
        {
            // Whoever changes it announces that; what is read before is not kept.
            var epoch = Volatile.Read(ref _epoch);
            stamp = await _cache.GetAsync(AnnouncedKey.TagStampPrefix + entry.Tag) is { } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;
            if (_parts.Source.IsArmed(AnnouncedKey.TagStampPrefix + entry.Tag) && epoch == Volatile.Read(ref _epoch))
            {
                InvalidateTag(entry.Tag, stamp);
            }
        }

        return entry.Created > stamp;
    }

    private static byte[] Render(long value, long created, string tag)
    {
        var bytes = new byte[HeaderLength + Encoding.UTF8.GetByteCount(tag)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(sizeof(long)), created);
        Encoding.UTF8.GetBytes(tag, bytes.AsSpan(HeaderLength));
        return bytes;
    }

    private static Entry Parse(byte[] bytes, Guard guard) => new(
        BinaryPrimitives.ReadInt64LittleEndian(bytes),
        BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(sizeof(long))),
        Encoding.UTF8.GetString(bytes.AsSpan(HeaderLength)),
        guard.Epoch);

    private readonly record struct Guard(long Epoch, long Invalidations, bool IsArmed);

    private sealed record Entry(long Value, long Created, string Tag, long Epoch);
}
