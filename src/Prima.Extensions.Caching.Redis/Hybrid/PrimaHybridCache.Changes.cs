using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Prima.Extensions.Caching.Redis.Diagnostics;
using Prima.Extensions.Caching.Redis.Hybrid;
using Prima.Extensions.Caching.Redis.Hybrid.Tags;

namespace Prima.Extensions.Caching.Redis;

public sealed partial class PrimaHybridCache
{
    // As Microsoft's HybridCache: longer than any entry is meant to live.
    private static readonly DistributedCacheEntryOptions StampExpiration = new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromDays(1000) };

    // More at a time would keep other operations waiting.
    private const int ChangesAtATime = 256;

    private static readonly TimeSpan ResendInterval = TimeSpan.FromSeconds(1);

    private int _resending;

    /// <inheritdoc/>
    /// <remarks>It is complete when Redis has the value; the value of a key that cannot be used is not kept. See <see cref="PrimaRedisCacheOptions.FailureMode"/> for what happens when Redis cannot take it.</remarks>
    public override async ValueTask SetAsync<T>(string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        var plan = _defaults.Plan(options, tags);
        if (!IsUsable(key, plan))
        {
            return;
        }

        if (value is null && !_cachesNulls)
        {
            if (plan.WritesDistributed)
            {
                await _writer.RemoveAsync(key, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                _local.InvalidateKey(key, mayBeOwn: false);
            }

            return;
        }

        using var serialized = _writer.Serialize(key, value, _types.Of<T>(), plan);
        await _writer.SetAsync(key, serialized, plan, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>A key that begins as the cache's own do, such as those of tags, is not removed: <see cref="RemoveByTagAsync(string, CancellationToken)"/> is for those.</remarks>
    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        if (KeyRules.IsReserved(key))
        {
            HybridLog.ReservedKeyNotRemoved(_logger);
            return ValueTask.CompletedTask;
        }

        return _writer.RemoveAsync(key, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>They go out in pipelines of at most 256. Where several fail, the first exception is thrown; the others were tried. <see langword="null"/> is empty, as the abstract class asks.</remarks>
    public override ValueTask RemoveAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        string[] all = [.. keys ?? []];
        return Array.IndexOf(all, null) >= 0
            ? throw new ArgumentNullException(nameof(keys), "One of the keys is null.")
            : ChangeManyAsync(all, static (cache, key, token) => cache.RemoveAsync(key, token), cancellationToken);
    }

    /// <summary>Removes an entry from this node's L1 only; the next read takes it from Redis again.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Not used: nothing is waited for.</param>
    /// <returns>A completed task.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    [SuppressMessage("Style", "IDE0060:Remove unused parameter", Justification = "As the other members.")]
    public ValueTask RemoveLocalAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        _local.InvalidateKey(key, mayBeOwn: false);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    /// <remarks>The tag <c>*</c> is that of all entries. Entries stay in Redis until they end; they are not served any more, by any node.</remarks>
    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tag);
        return RemoveByTagAsync([tag], cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks><see langword="null"/> is empty, as the abstract class asks.</remarks>
    public override async ValueTask RemoveByTagAsync(IEnumerable<string> tags, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string[] all = [.. (tags ?? []).Where(static tag => !string.IsNullOrWhiteSpace(tag)).Distinct(StringComparer.Ordinal)];
        if (all.Length == 0)
        {
            return;
        }

        // This node holds to it from here on, whatever becomes of Redis.
        var stamp = await _clock.NextStampAsync(cancellationToken).ConfigureAwait(false);
        foreach (var tag in all)
        {
            _pendingTags.Add(tag, stamp);
            _local.RaiseTag(tag, stamp);
        }

        await SendTagsAsync(all, stamp, cancellationToken).ConfigureAwait(false);
        await _clock.PassAsync(stamp, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask SendTagsAsync(string[] tags, long stamp, CancellationToken token)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, stamp);
        List<Task<bool>> sent = new(tags.Length);
        foreach (var chunk in tags.Chunk(ChangesAtATime))
        {
            var sending = Array.ConvertAll(chunk, tag => SendTagAsync(tag, stamp, bytes, token));
            sent.AddRange(sending);
            await ((Task)Task.WhenAll(sending)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!_pendingTags.IsEmpty && Interlocked.CompareExchange(ref _resending, 1, 0) == 0)
        {
            HybridLog.TagRemovalKept(_logger);
            using (Background.Begin())
            {
                _ = ResendTagsAsync();
            }
        }

        await Task.WhenAll(sent).ConfigureAwait(false);
    }

    /// <returns>Whether Redis is known to have the removal, or a later one.</returns>
    private async Task<bool> SendTagAsync(string tag, long stamp, byte[] bytes, CancellationToken token)
    {
        var standing = 0L;
        try
        {
            var write = _redis.Write(TagTable.KeyOf(tag), new(bytes), StampExpiration);
            standing = await _redis.Executor.ExecuteAsync<StampOperation, long>(new(write, _redis.Context.Layout, stamp), token).ConfigureAwait(false);
            return standing != 0;
        }
        finally
        {
            if (standing != 0)
            {
                // What was read of the stamp until now may be the one before.
                _local.RaiseTag(tag, standing);
                _pendingTags.Reached(tag, standing);
                _source.AnnounceTag(tag, standing);
            }
            else if (_pendingTags.Missed(tag) is not 0 and var everything)
            {
                _local.RaiseTag(TagTable.Wildcard, everything);
            }
        }
    }

    // With a new stamp: where scripts are refused, one that comes late would take the place of a newer one of another node.
    private async Task ResendTagsAsync()
    {
        while (!_pendingTags.IsEmpty || !TryStop())
        {
            await Task.Delay(ResendInterval, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var tags = _pendingTags.Tags();
            try
            {
                var stamp = await _clock.NextStampAsync(_end.Token).ConfigureAwait(false);
                Array.ForEach(tags, tag => _pendingTags.Add(tag, stamp));
                await SendTagsAsync(tags, stamp, _end.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                HybridLog.TagRemovalNotResent(_logger, fault.GetType().Name);
            }
        }

        HybridLog.TagRemovalsResent(_logger);

        // One that came in between found this running.
        bool TryStop()
        {
            Volatile.Write(ref _resending, 0);
            return _pendingTags.IsEmpty || Interlocked.CompareExchange(ref _resending, 1, 0) != 0;
        }
    }

    /// <summary>Makes the same change to many entries. Whatever fails, the others are tried.</summary>
    /// <exception cref="Exception">The first that failed.</exception>
    private async ValueTask ChangeManyAsync<TEntry>(IEnumerable<TEntry> entries, Func<PrimaHybridCache, TEntry, CancellationToken, ValueTask> change, CancellationToken token)
    {
        Task? failed = null;
        foreach (var chunk in entries.Chunk(ChangesAtATime))
        {
            token.ThrowIfCancellationRequested();
            var changes = Task.WhenAll(Array.ConvertAll(chunk, entry => ChangeAsync(entry)));
            await changes.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            failed ??= changes.IsCompletedSuccessfully ? null : changes;
        }

        await (failed ?? Task.CompletedTask).ConfigureAwait(false);

        async Task ChangeAsync(TEntry entry) => await change(this, entry, token).ConfigureAwait(false);
    }

    /// <summary>Whether an entry can be kept under a key; if not, it is said so.</summary>
    private bool IsUsable([NotNullWhen(true)] string? key, EntryPlan plan)
    {
        if (KeyRules.Problem(key, _maximumKeyLength) is { } problem)
        {
            HybridLog.KeyRejected(_logger, problem);
            return false;
        }

        // Redis would not tell one that is no valid Unicode from another, and neither would its announcements.
        if (!KeyRules.IsUnicode(key) || Array.Exists(plan.Tags, static tag => !KeyRules.IsUnicode(tag)))
        {
            HybridLog.KeyRejected(_logger, "or one of its tags, is no valid Unicode");
            return false;
        }

        return true;
    }
}
