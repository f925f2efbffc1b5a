using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Prima.Extensions.Caching.Redis.Diagnostics;
using Prima.Extensions.Caching.Redis.Distributed;
using Prima.Extensions.Caching.Redis.Entries;
using Prima.Extensions.Caching.Redis.Operations;

namespace Prima.Extensions.Caching.Redis;

/// <summary>A cache in Redis.</summary>
/// <remarks>
/// Safe for concurrent use. It connects with its first operation; making one never waits for Redis. Memory that a caller lends is not looked at
/// after the call has returned, also where the call timed out or was cancelled.
/// </remarks>
public sealed partial class PrimaRedisCache : IDistributedCache, IBufferDistributedCache, IBatchCache, IDisposable, IAsyncDisposable
{
    private readonly CacheTelemetry _telemetry;
    private readonly EntryContext _context;
    private readonly RedisExecutor _executor;
    private readonly Spare<GetChunk> _getChunks;
    private readonly Spare<SetChunk> _setChunks;
    private readonly Spare<RefreshChunk> _refreshChunks;
    private readonly Spare<RemoveChunk> _removeChunks;
    private readonly IHybridCacheSerializerFactory _serializers;

    /// <summary>Makes a cache without dependency injection. It logs nothing.</summary>
    /// <param name="optionsAccessor">The options; they are read once.</param>
    /// <exception cref="ArgumentNullException"><paramref name="optionsAccessor"/> is <see langword="null"/>.</exception>
    /// <exception cref="OptionsValidationException">The options are not valid; the message names each that is not, and what is allowed.</exception>
    public PrimaRedisCache(IOptions<PrimaRedisCacheOptions> optionsAccessor)
        : this(optionsAccessor, name: "", CacheMetrics.Shared, NullLoggerFactory.Instance, TimeProvider.System)
    {
    }

    internal PrimaRedisCache(IOptions<PrimaRedisCacheOptions> optionsAccessor, string name, CacheMetrics metrics, ILoggerFactory loggerFactory, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(optionsAccessor);
        var options = optionsAccessor.Value;
        _telemetry = new(metrics, string.IsNullOrEmpty(name) ? "default" : name);
        _context = new EntryContext(options, _telemetry, loggerFactory.CreateLogger<PrimaRedisCache>(), time);
        Options = options;
        _serializers = options.SerializerFactory;

        // A clock that an application moves or stops, as tests do, says when entries end. It is none for what goes on between this node and Redis.
        _executor = new(options, _telemetry, loggerFactory, TimeProvider.System);
        var limits = new BatchLimits(options.BatchChunkSize, options.BatchChunkBytes);
        _getChunks = new(() => new(_context, _executor, limits));
        _setChunks = new(() => new(_context, _executor, limits));
        _refreshChunks = new(() => new(_context, _executor, limits));
        _removeChunks = new(() => new(_context, _executor, limits));
    }

    /// <summary>What the cache was made with.</summary>
    internal PrimaRedisCacheOptions Options { get; }

    internal EntryContext Context => _context;

    internal RedisExecutor Executor => _executor;

    /// <summary>
    /// Waits until Redis knows of every removal and overwrite that it missed while it could not be used; see <see cref="FailureMode.Degrade"/>.
    /// Nothing needs to call this for that to happen.
    /// </summary>
    /// <param name="token">Ends the wait.</param>
    /// <returns>When nothing is missed any more; at once where nothing was.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="token"/> was cancelled before that.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed before that.</exception>
    public Task FlushAsync(CancellationToken token = default) => _executor.FlushAsync(token);

    /// <summary>Closes the connections that the cache opened. One that came from <see cref="PrimaRedisCacheOptions.ConnectionMultiplexerFactory"/> stays open.</summary>
    /// <remarks>Where Redis missed removals or overwrites, it gets one more second to catch up.</remarks>
    public void Dispose() => _executor.Dispose();

    /// <inheritdoc cref="Dispose"/>
    /// <returns>When the connections are closed.</returns>
    public ValueTask DisposeAsync() => _executor.DisposeAsync();

    internal CacheState State() => _executor.State();

    /// <summary>How long a server takes to answer; <see langword="null"/> where none does.</summary>
    internal Task<TimeSpan?> PingAsync(CancellationToken token) => _executor.PingAsync(token);

    private ReadOperation<TConsumer, TResult> Read<TConsumer, TResult>(string key, TConsumer consumer)
        where TConsumer : struct, IEntryConsumer<TResult>
    {
        ArgumentNullException.ThrowIfNull(key);
        return new(_context, key, consumer);
    }

    internal WriteOperation Write(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(options);
        var now = _context.UtcNow;
        var expiration = EntryExpiration.From(options, now);
        _telemetry.Transferred(WriteOperation.Name, value.Length);
        return new(_context, key, value, expiration, expiration.TimeToLive(now));
    }

    internal RemoveOperation Removal(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _context.SlidingEntries.Forget(key);
        return new(_context.RedisKey(key));
    }
}
