using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;
using Prima.Extensions.Caching.Redis.Distributed;

namespace Prima.Extensions.Caching.Redis;

public sealed partial class PrimaRedisCache
{
    /// <inheritdoc/>
    public Task<BatchValues> GetManyAsync(IEnumerable<string> keys, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return GetManyAsync(keys, CountOf(keys), int.MaxValue, token);
    }

    /// <summary>The same, for a caller to whom a value of more bytes is none: so much memory is not taken for it.</summary>
    internal Task<BatchValues> GetManyAsync(IReadOnlyList<string> keys, int longestKept, CancellationToken token) => GetManyAsync(keys, keys.Count, longestKept, token);

    /// <inheritdoc/>
    public IAsyncEnumerable<BatchValues> GetManyAsync(IAsyncEnumerable<string> keys, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return GetChunksAsync(keys, token);
    }

    /// <inheritdoc/>
    public Task<BatchResult<byte[]>> GetManyArraysAsync(IEnumerable<string> keys, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return GetManyAsync(keys, static value => value.ToArray(), token);
    }

    /// <inheritdoc/>
    public Task<BatchResult<T>> GetManyAsync<T>(IEnumerable<string> keys, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var serializer = Serializer<T>();
        return GetManyAsync(keys, value => serializer.Deserialize(new ReadOnlySequence<byte>(value)), token);
    }

    /// <inheritdoc/>
    public Task<BatchResult> SetManyAsync(IEnumerable<BatchEntry> entries, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return RunAsync(entries.Select(Prepare).ToAsyncEnumerable(), CountOf(entries), _setChunks, token);
    }

    /// <inheritdoc/>
    public Task<BatchResult> SetManyAsync(IAsyncEnumerable<BatchEntry> entries, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return RunAsync(entries.Select(Prepare), count: null, _setChunks, token);
    }

    /// <inheritdoc/>
    public Task<BatchResult> SetManyAsync<T>(IEnumerable<BatchEntry<T>> entries, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var serializer = Serializer<T>();
        return RunAsync(entries.Select(entry => Prepare(entry, serializer)).ToAsyncEnumerable(), CountOf(entries), _setChunks, token);
    }

    /// <inheritdoc/>
    public Task<BatchResult> RefreshManyAsync(IEnumerable<string> keys, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return RunAsync(keys.ToAsyncEnumerable(), CountOf(keys), _refreshChunks, token);
    }

    /// <inheritdoc/>
    public Task<BatchResult> RemoveManyAsync(IEnumerable<string> keys, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return RunAsync(keys.ToAsyncEnumerable(), CountOf(keys), _removeChunks, token);
    }

    private static PreparedEntry Prepare(BatchEntry entry) => new(entry.Key, entry.Value, entry.Options, Wrong: null);

    private static PreparedEntry Prepare<T>(BatchEntry<T> entry, IHybridCacheSerializer<T> serializer)
    {
        var buffer = new ArrayBufferWriter<byte>();
        try
        {
            serializer.Serialize(entry.Value, buffer);
            return new(entry.Key, new(buffer.WrittenMemory), entry.Options, Wrong: null);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return new(entry.Key, default, entry.Options, exception);
        }
    }

    private async Task<BatchValues> GetManyAsync(IEnumerable<string> keys, int? count, int longestKept, CancellationToken token)
    {
        var observation = _telemetry.Begin(KeptConsumer.OperationName, isLookup: true);
        var result = new BatchValues(count ?? 0) { LongestKept = longestKept };
        try
        {
            var chunk = _getChunks.Take();
            chunk.Begin();
            chunk.Destination = result;
            await BatchRunner.RunAsync(keys.ToAsyncEnumerable(), count, chunk, result, token).ConfigureAwait(false);
            chunk.Destination = null;
            _getChunks.Return(chunk);
            _telemetry.End(observation, result);
            return result;
        }
        catch (Exception exception)
        {
            _telemetry.Abandon(observation, exception);
            result.Dispose();
            throw;
        }
    }

    private async Task<BatchResult<T>> GetManyAsync<T>(IEnumerable<string> keys, Func<ReadOnlyMemory<byte>, T> convert, CancellationToken token)
    {
        // The input is taken once, and an entry that cannot be converted is named.
        var taken = new List<string>();
        using var values = await GetManyAsync(keys.Select(key => { taken.Add(key); return key; }), CountOf(keys), int.MaxValue, token).ConfigureAwait(false);
        return values.Convert(taken, convert);
    }

    private static int? CountOf<T>(IEnumerable<T> items) => items.TryGetNonEnumeratedCount(out var count) ? count : null;

    private async Task<BatchResult> RunAsync<TItem, TChunk>(IAsyncEnumerable<TItem> items, int? count, Spare<TChunk> chunks, CancellationToken token)
        where TChunk : BatchChunk<TItem>
    {
        var chunk = chunks.Take();
        var observation = _telemetry.Begin(chunk.Name, isLookup: false);
        try
        {
            var result = new BatchResult(count ?? 0);
            await BatchRunner.RunAsync(items, count, chunk, result, token).ConfigureAwait(false);
            chunks.Return(chunk);
            _telemetry.End(observation, result);
            return result;
        }
        catch (Exception exception)
        {
            _telemetry.Abandon(observation, exception);
            throw;
        }
    }

    private async IAsyncEnumerable<BatchValues> GetChunksAsync(IAsyncEnumerable<string> keys, [EnumeratorCancellation] CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        var chunk = _getChunks.Take();
        chunk.Begin();
        await foreach (var key in keys.WithCancellation(token).ConfigureAwait(false))
        {
            chunk.Add(key);
            if (chunk.IsFull)
            {
                yield return await ExecuteAsync(chunk, token).ConfigureAwait(false);
            }
        }

        if (chunk.Count > 0)
        {
            yield return await ExecuteAsync(chunk, token).ConfigureAwait(false);
        }

        _getChunks.Return(chunk);
    }

    private async Task<BatchValues> ExecuteAsync(GetChunk chunk, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        var values = chunk.Destination = new BatchValues(chunk.Count);
        var observation = _telemetry.Begin(KeptConsumer.OperationName, isLookup: true);
        try
        {
            await chunk.ExecuteAsync(values).ConfigureAwait(false);
            _telemetry.End(observation, values);
            chunk.Destination = null;
            return values;
        }
        catch (Exception exception)
        {
            _telemetry.Abandon(observation, exception);
            values.Dispose();
            throw;
        }
    }

    private IHybridCacheSerializer<T> Serializer<T>() =>
        _serializers.TryCreateSerializer<T>(out var serializer)
            ? serializer
            : throw new InvalidOperationException($"{nameof(PrimaRedisCacheOptions)}.{nameof(PrimaRedisCacheOptions.SerializerFactory)} has no serializer for {typeof(T)}.");
}
