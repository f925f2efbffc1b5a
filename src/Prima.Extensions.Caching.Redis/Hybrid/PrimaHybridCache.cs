using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Diagnostics;
using Prima.Extensions.Caching.Redis.Hybrid;
using Prima.Extensions.Caching.Redis.Hybrid.Flights;
using Prima.Extensions.Caching.Redis.Hybrid.Leases;
using Prima.Extensions.Caching.Redis.Hybrid.Local;
using Prima.Extensions.Caching.Redis.Hybrid.Payloads;
using Prima.Extensions.Caching.Redis.Hybrid.Serialization;
using Prima.Extensions.Caching.Redis.Hybrid.Tags;

namespace Prima.Extensions.Caching.Redis;

/// <summary>Microsoft's <see cref="HybridCache"/> over <see cref="PrimaRedisCache"/>: an L1 in the process in front of Redis, which follows what other nodes and programs do to the entries.</summary>
/// <remarks>
/// <para>Safe for concurrent use. It shares entries and tags with nodes on Microsoft's HybridCache. Made by <c>AddPrimaRedisCache().AddPrimaHybridCache()</c>.</para>
/// <para>What Redis cannot do never keeps a value from its caller; only <c>SetAsync</c>, <c>RemoveAsync</c> and <c>RemoveByTagAsync</c> throw for it, with <see cref="FailureMode.Throw"/>.
/// A serializer that throws for a value, and a factory that throws, always reach the caller.</para>
/// </remarks>
public sealed partial class PrimaHybridCache : HybridCache, IDisposable, IAsyncDisposable
{
    private const int MostVerifications = 1000;

    // To send so much costs Redis less than a script that looks at it.
    private const int SmallEntry = 4096;

    private readonly PrimaRedisCache _redis;
    private readonly EntryDefaults _defaults;
    private readonly TypeTable _types;
    private readonly LocalCache _local;
    private readonly FlightTable _flights;
    private readonly IInvalidationSource _source;
    private readonly LeaseDesk _leases;
    private readonly HybridClock _clock;
    private readonly PendingTagRemovals _pendingTags = new();
    private readonly TagReader _tags;
    private readonly ValueReader _values;
    private readonly DistributedReader _reader;
    private readonly EntryWriter _writer;
    private readonly HybridTelemetry _telemetry;
    private readonly KeyRedaction _redaction;
    private readonly ILogger _logger;
    private readonly IAsyncDisposable _parts;
    private readonly bool _usesLeases;
    private readonly bool _cachesNulls;
    private readonly int _maximumKeyLength;
    private readonly CancellationTokenSource _end = new();
    private int _verifications;

    internal PrimaHybridCache(HybridSettings settings)
    {
        var options = settings.Options;
        _redis = settings.Redis;
        _source = settings.Source;
        _leases = settings.Leases;
        _parts = settings.Parts;
        _telemetry = settings.Telemetry;
        _types = settings.Types;
        _redaction = new(settings.RedisOptions.LogKeys);
        _logger = settings.LoggerFactory.CreateLogger<PrimaHybridCache>();
        _usesLeases = options.UseLeases;
        _cachesNulls = options.CacheNulls;
        _maximumKeyLength = settings.HybridOptions.MaximumKeyLength;
        _defaults = new(settings.HybridOptions.DefaultEntryOptions);
        _clock = new(settings.Clock, settings.Time);
        _local = new(options, _source, _clock, _telemetry) { Verify = Verify, Cleared = NoteCleared };
        _flights = new(_local);
        _local.TagRemoved = _flights.TagRemoved;
        _tags = new(_redis, _local, _pendingTags, _clock);
        var maximumPayload = (int)Math.Clamp(settings.HybridOptions.MaximumPayloadBytes, 0, Array.MaxLength / 4);
        _values = new(_redaction, _logger);
        _reader = new(_redis, _tags, _clock, _telemetry, _values, _redaction, _logger, maximumPayload);
        _writer = new(_local, _leases, _source, _clock, _telemetry, _redaction, _logger, options, maximumPayload);
        _telemetry.Observe(() => new(_local.Count, _local.Bytes));

        using (Background.Begin())
        {
            settings.Start(_local);
        }
    }

    /// <summary>Tells of invalidations.</summary>
    internal IInvalidationSource Source => _source;

    /// <summary>Hands out leases.</summary>
    internal LeaseDesk Leases => _leases;

    /// <summary>The L1.</summary>
    internal LocalCache Local => _local;

    /// <summary>How many own writes are being compared with Redis.</summary>
    internal int Verifications => Volatile.Read(ref _verifications);

    /// <summary>Stops to listen for what other nodes do, and empties the L1. The <see cref="PrimaRedisCache"/> stays open.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <inheritdoc cref="Dispose"/>
    /// <returns>When nothing is listened for any more.</returns>
    public async ValueTask DisposeAsync()
    {
        // A container that has the cache under two services disposes it twice.
        if (!_end.IsCancellationRequested && _pendingTags.Tags() is { Length: > 0 and var lost })
        {
            HybridLog.TagRemovalsLost(_logger, lost);
        }

        await _end.CancelAsync().ConfigureAwait(false);
        await _parts.DisposeAsync().ConfigureAwait(false);
        _telemetry.Dispose();
    }

    private void NoteCleared(ClearReason reason) => HybridLog.LocalCacheCleared(_logger, reason.MetricName());

    // Announcements of several writes in one turn of Redis are one: whether the last write was this node's, only Redis knows.
    private void Verify(LocalEntry entry)
    {
        if (Interlocked.Increment(ref _verifications) > MostVerifications)
        {
            Interlocked.Decrement(ref _verifications);
            _local.Remove(entry, RemovalCause.Invalidated);
            return;
        }

        _ = VerifyAsync(entry);
    }

    private async Task VerifyAsync(LocalEntry entry)
    {
        // Not on the thread that announcements come in on.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var isSame = false;
        try
        {
            isSame = await BeginsAlikeAsync(entry).ConfigureAwait(false) ?? await _reader.IsSameAsync(entry.Key, entry.Created, entry.Entropy).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // There is no cache left to be right.
        }
        finally
        {
            if (!isSame)
            {
                _local.Remove(entry, RemovalCause.Invalidated);
            }

            Interlocked.Decrement(ref _verifications);
        }
    }

    private ValueTask<bool?> BeginsAlikeAsync(LocalEntry entry)
    {
        if (entry.Size <= SmallEntry)
        {
            return default;
        }

        var beginning = new byte[HybridPayload.FixedLength];
        HybridPayload.WriteBeginning(beginning, entry.Created, entry.Entropy);
        return _leases.BeginsWithAsync(entry.Key, beginning);
    }
}
