using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Diagnostics;
using Prima.Extensions.Caching.Redis.Hybrid.Local;
using Prima.Extensions.Caching.Redis.Hybrid.Payloads;
using Prima.Extensions.Caching.Redis.Hybrid.Serialization;
using Prima.Extensions.Caching.Redis.Hybrid.Tags;

namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>Reads entries from Redis. Whatever stands there, and whatever goes wrong, is at worst a miss.</summary>
internal sealed class DistributedReader(PrimaRedisCache redis, TagReader tags, HybridClock clock, HybridTelemetry telemetry, ValueReader values, KeyRedaction redaction, ILogger logger, int maximumPayload)
{
    private readonly IBufferDistributedCache _redis = redis;

    /// <summary>A payload of more bytes has a value that is too large.</summary>
    public int LongestPayload { get; } = maximumPayload + HybridPayload.MaximumNames + 1;

    public async ValueTask<DistributedEntry<T>> ReadAsync<T>(string key, string[] callerTags, TypeHandling<T> handling, CancellationToken token)
    {
        using var activity = telemetry.StartRead();
        var prefetch = tags.Prefetch(callerTags);
        var buffer = new PayloadBuffer(maximumPayload + HybridPayload.MaximumNames);
        DistributedEntry<T> entry;
        try
        {
            entry = await _redis.TryGetAsync(key, buffer, token).ConfigureAwait(false)
                ? await UseAsync(key, buffer.Written, prefetch, handling, token).ConfigureAwait(false)
                : Miss<T>("miss");
        }
        catch (PayloadTooLargeException)
        {
            entry = Reject<T>(key, "TooLarge", default);
        }
        catch (Exception fault) when (!(fault is OperationCanceledException && token.IsCancellationRequested))
        {
            // With FailureMode.Throw it comes this far. Whoever reads through has another source for the value.
            HybridLog.DistributedReadFailed(logger, redaction.Redact(key), fault.GetType().Name);
            activity.Failed(fault);
            entry = Miss<T>("failed");
        }

        // Not after a cancellation: what is under way there is not looked into here.
        buffer.Dispose();
        activity?.SetTag("prima.cache.hit", entry.IsFound);
        return entry;
    }

    /// <summary>Asks also for the tags of payloads that were read, for all at once.</summary>
    public Task<Dictionary<string, TagStamp?>>? Prefetch(List<ReadGuard> guards, BatchValues payloads, Task<Dictionary<string, TagStamp?>>? prefetch)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < guards.Count; i++)
        {
            if (payloads[i] == BatchOutcome.Hit && HybridPayload.TryRead(payloads.Values[i].Span, guards[i].Key, out var header) == PayloadVerdict.Valid)
            {
                found.UnionWith(header.Tags);
            }
        }

        return found.Count == 0 ? prefetch : tags.PrefetchAsync(found, prefetch);
    }

    /// <summary>Makes an entry of a payload that was read.</summary>
    public async ValueTask<DistributedEntry<T>> UseAsync<T>(string key, ReadOnlyMemory<byte> payload, Task<Dictionary<string, TagStamp?>>? prefetch, TypeHandling<T> handling, CancellationToken token)
    {
        var verdict = HybridPayload.TryRead(payload.Span, key, out var header);
        if (verdict != PayloadVerdict.Valid || header.Length > maximumPayload)
        {
            return Reject<T>(key, verdict == PayloadVerdict.Valid ? "TooLarge" : verdict.ToString(), SeenOf(payload));
        }

        var fetched = prefetch is null ? null : await prefetch.WaitAsync(token).ConfigureAwait(false);
        var judged = await tags.JudgeAsync(header.Tags, fetched, header.Created, token).ConfigureAwait(false);
        if (!judged.IsValid || header.Ends <= clock.UtcTicks)
        {
            return Miss<T>(judged.IsKnown ? "expired" : "failed", SeenOf(payload));
        }

        var bytes = payload.Slice(header.Offset, header.Length);
        if (!values.TryRead(key, bytes, handling.Serializer, out var value))
        {
            return Miss<T>("rejected", SeenOf(payload));
        }

        telemetry.DistributedRead("hit");
        return new(IsFound: true, value, header, judged, handling.IsShared ? default : bytes.ToArray(), default);
    }

    /// <summary>Whether what is under <paramref name="key"/> was made at <paramref name="created"/> with <paramref name="entropy"/>.</summary>
    public async ValueTask<bool> IsSameAsync(string key, long created, ushort entropy)
    {
        var buffer = new PayloadBuffer(maximumPayload + HybridPayload.MaximumNames);
        try
        {
            var isSame = await _redis.TryGetAsync(key, buffer, CancellationToken.None).ConfigureAwait(false)
                && HybridPayload.TryRead(buffer.Written.Span, key, out var header) == PayloadVerdict.Valid
                && header.Created == created && header.Entropy == entropy;
            buffer.Dispose();
            return isSame;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            HybridLog.DistributedReadFailed(logger, redaction.Redact(key), fault.GetType().Name);
            return false;
        }
    }

    private DistributedEntry<T> Reject<T>(string key, string verdict, ReadOnlyMemory<byte> seen)
    {
        HybridLog.PayloadRejected(logger, redaction.Redact(key), verdict);
        return Miss<T>("rejected", seen);
    }

    private DistributedEntry<T> Miss<T>(string result, ReadOnlyMemory<byte> seen = default)
    {
        telemetry.DistributedRead(result);
        return DistributedEntry<T>.Missing(seen);
    }

    // What a holder of the lease tells Redis of an entry that it found and could not use.
    private static byte[] SeenOf(ReadOnlyMemory<byte> payload) => payload[..Math.Min(HybridPayload.FixedLength, payload.Length)].ToArray();
}
