namespace Prima.Extensions.Caching.Redis;

/// <summary>Many entries of a cache in as few round trips as possible, with the fate of each.</summary>
/// <remarks>
/// <para>Commands are pipelined in chunks (see <see cref="PrimaRedisCacheOptions.BatchChunkSize"/>): one chunk is under way at a time, so that memory is
/// bounded and other traffic gets through, and input is taken chunk by chunk.</para>
/// <para>What goes wrong with one entry is that entry's outcome and never an exception: a wrong argument in an entry (a null key or options, an
/// expiration in the past) is <see cref="BatchOutcome.Failed"/>; a fault of Redis is <see cref="BatchOutcome.Degraded"/> or
/// <see cref="BatchOutcome.Failed"/>, as <see cref="PrimaRedisCacheOptions.FailureMode"/> says.</para>
/// <para>A key may stand in a batch several times: each is answered, and of several values the last one stays.</para>
/// <para>A token that is cancelled before the first command throws; later it stops the batch before the next chunk, and what was not sent is
/// <see cref="BatchOutcome.Skipped"/>.</para>
/// <para>An empty batch sends nothing.</para>
/// </remarks>
public interface IBatchCache
{
    /// <summary>Reads entries into pooled memory, and extends those that are sliding.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="token">Stops the batch.</param>
    /// <returns>The values. Dispose it to give their memory back; they are not to be used afterwards.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="keys"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="token"/> was cancelled before the first command.</exception>
    Task<BatchValues> GetManyAsync(IEnumerable<string> keys, CancellationToken token = default);

    /// <summary>Reads any number of entries, chunk by chunk, into pooled memory.</summary>
    /// <param name="keys">The keys, taken as they are needed.</param>
    /// <param name="token">Stops the batch.</param>
    /// <returns>The values of one chunk after the other. Dispose each before the next is asked for, and memory stays flat.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="keys"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="token"/> was cancelled.</exception>
    IAsyncEnumerable<BatchValues> GetManyAsync(IAsyncEnumerable<string> keys, CancellationToken token = default);

    /// <summary>Reads entries into arrays of their own, and extends those that are sliding.</summary>
    /// <inheritdoc cref="GetManyAsync(IEnumerable{string}, CancellationToken)" path="/param|/exception"/>
    /// <returns>The values.</returns>
    Task<BatchResult<byte[]>> GetManyArraysAsync(IEnumerable<string> keys, CancellationToken token = default);

    /// <summary>Reads entries and deserializes them by <see cref="PrimaRedisCacheOptions.SerializerFactory"/>.</summary>
    /// <typeparam name="T">The type of the values. One that cannot be made of what is stored is that entry's failure.</typeparam>
    /// <inheritdoc cref="GetManyAsync(IEnumerable{string}, CancellationToken)" path="/param|/exception"/>
    /// <returns>The values.</returns>
    /// <exception cref="InvalidOperationException">There is no serializer for <typeparamref name="T"/>.</exception>
    Task<BatchResult<T>> GetManyAsync<T>(IEnumerable<string> keys, CancellationToken token = default);

    /// <summary>Sets entries. Each value and its expiration arrive together or not at all; the batch as a whole is not atomic.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="token">Stops the batch.</param>
    /// <returns>The outcomes.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="entries"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="token"/> was cancelled before the first command.</exception>
    Task<BatchResult> SetManyAsync(IEnumerable<BatchEntry> entries, CancellationToken token = default);

    /// <inheritdoc cref="SetManyAsync(IEnumerable{BatchEntry}, CancellationToken)"/>
    /// <param name="entries">The entries, taken as they are needed.</param>
    /// <param name="token">Stops the batch.</param>
    Task<BatchResult> SetManyAsync(IAsyncEnumerable<BatchEntry> entries, CancellationToken token = default);

    /// <summary>Serializes values by <see cref="PrimaRedisCacheOptions.SerializerFactory"/> and sets them. One that cannot be serialized is that entry's failure.</summary>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <inheritdoc cref="SetManyAsync(IEnumerable{BatchEntry}, CancellationToken)" path="/param|/returns|/exception"/>
    /// <exception cref="InvalidOperationException">There is no serializer for <typeparamref name="T"/>.</exception>
    Task<BatchResult> SetManyAsync<T>(IEnumerable<BatchEntry<T>> entries, CancellationToken token = default);

    /// <summary>Extends entries that are sliding.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="token">Stops the batch.</param>
    /// <returns>The outcomes.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="keys"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="token"/> was cancelled before the first command.</exception>
    Task<BatchResult> RefreshManyAsync(IEnumerable<string> keys, CancellationToken token = default);

    /// <summary>Removes entries.</summary>
    /// <inheritdoc cref="RefreshManyAsync"/>
    Task<BatchResult> RemoveManyAsync(IEnumerable<string> keys, CancellationToken token = default);
}
