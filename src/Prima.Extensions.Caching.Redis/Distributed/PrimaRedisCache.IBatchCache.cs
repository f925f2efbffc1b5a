using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;
using Prima.Extensions.Caching.Redis.Distributed;

namespace Prima.Extensions.Caching.Redis;

public sealed partial class PrimaRedisCache
{
    /// <inheritdoc/>
    public async Task<BatchValues> GetManyAsync(IEnumerable<string> keys, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var result = new BatchValues();
        try
        {
            await RunAsync(keys, new GetChunk(_context, _executor, _batchLimits) { Destination = result }, result, token).ConfigureAwait(false);
            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

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
        return SetManyAsync(entries, Prepare, token);
    }

    /// <inheritdoc/>
    public async Task<BatchResult> SetManyAsync(IAsyncEnumerable<BatchEntry> entries, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var result = new BatchResult();
        await BatchRunner.RunAsync(entries.Select(Prepare), count: null, new SetChunk(_context, _executor, _batchLimits), result, token).ConfigureAwait(false);
        return result;
    }

    /// <inheritdoc/>
    public Task<BatchResult> SetManyAsync<T>(IEnumerable<BatchEntry<T>> entries, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var serializer = Serializer<T>();
        return SetManyAsync(entries, entry => Prepare(entry, serializer), token);
    }

    /// <inheritdoc/>
    public Task<BatchResult> RefreshManyAsync(IEnumerable<string> keys, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return RunAsync(keys, new RefreshChunk(_context, _executor, _batchLimits), new BatchResult(), token);
    }

    /// <inheritdoc/>
    public Task<BatchResult> RemoveManyAsync(IEnumerable<string> keys, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return RunAsync(keys, new RemoveChunk(_context, _executor, _batchLimits), new BatchResult(), token);
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

    private async Task<BatchResult<T>> GetManyAsync<T>(IEnumerable<string> keys, Func<ReadOnlyMemory<byte>, T> convert, CancellationToken token)
    {
        // The input is taken once, and an entry that cannot be converted is named.
        var taken = new List<string>();
        using var values = await GetManyAsync(keys.Select(key => { taken.Add(key); return key; }), token).ConfigureAwait(false);
        return values.Convert(taken, convert);
    }

    private async Task<BatchResult> SetManyAsync<TEntry>(IEnumerable<TEntry> entries, Func<TEntry, PreparedEntry> prepare, CancellationToken token)
    {
        int? count = entries.TryGetNonEnumeratedCount(out var known) ? known : null;
        var result = new BatchResult();
        var chunk = new SetChunk(_context, _executor, _batchLimits);
        await BatchRunner.RunAsync(entries.Select(prepare).ToAsyncEnumerable(), count, chunk, result, token).ConfigureAwait(false);
        return result;
    }

    private static async Task<BatchResult> RunAsync(IEnumerable<string> keys, BatchChunk<string> chunk, BatchResult result, CancellationToken token)
    {
        int? count = keys.TryGetNonEnumeratedCount(out var known) ? known : null;
        await BatchRunner.RunAsync(keys.ToAsyncEnumerable(), count, chunk, result, token).ConfigureAwait(false);
        return result;
    }

    private async IAsyncEnumerable<BatchValues> GetChunksAsync(IAsyncEnumerable<string> keys, [EnumeratorCancellation] CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        var chunk = new GetChunk(_context, _executor, _batchLimits) { Destination = new BatchValues() };
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
    }

    private static async Task<BatchValues> ExecuteAsync(GetChunk chunk, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        var values = chunk.Destination = new BatchValues();
        await chunk.ExecuteAsync(values).ConfigureAwait(false);
        return values;
    }

    private IHybridCacheSerializer<T> Serializer<T>() =>
        _serializers.TryCreateSerializer<T>(out var serializer)
            ? serializer
            : throw new InvalidOperationException($"{nameof(PrimaRedisCacheOptions)}.{nameof(PrimaRedisCacheOptions.SerializerFactory)} has no serializer for {typeof(T)}.");
}
