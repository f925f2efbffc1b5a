using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using Prima.Extensions.Caching.Redis.Distributed;
using Prima.Extensions.Caching.Redis.Operations;

namespace Prima.Extensions.Caching.Redis;

public sealed partial class PrimaRedisCache
{
    /// <inheritdoc/>
    public byte[]? Get(string key) =>
        _executor.Execute<ReadOperation<ArrayConsumer, byte[]?>, byte[]?>(Read<ArrayConsumer, byte[]?>(key, default));

    /// <inheritdoc/>
    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        var operation = Read<ArrayConsumer, byte[]?>(key, default);
        token.ThrowIfCancellationRequested();
        return await _executor.ExecuteAsync<ReadOperation<ArrayConsumer, byte[]?>, byte[]?>(operation, token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        _executor.Execute<WriteOperation, bool>(Write(key, new ReadOnlySequence<byte>(value), options));
    }

    /// <inheritdoc/>
    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        var operation = Write(key, new ReadOnlySequence<byte>(value), options);
        token.ThrowIfCancellationRequested();
        await _executor.ExecuteAsync<WriteOperation, bool>(operation, token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Refresh(string key) =>
        _executor.Execute<ReadOperation<RefreshConsumer, bool>, bool>(Read<RefreshConsumer, bool>(key, default));

    /// <inheritdoc/>
    public async Task RefreshAsync(string key, CancellationToken token = default)
    {
        var operation = Read<RefreshConsumer, bool>(key, default);
        token.ThrowIfCancellationRequested();
        await _executor.ExecuteAsync<ReadOperation<RefreshConsumer, bool>, bool>(operation, token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Remove(string key) => _executor.Execute<RemoveOperation, bool>(Removal(key));

    /// <inheritdoc/>
    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        var operation = Removal(key);
        token.ThrowIfCancellationRequested();
        await _executor.ExecuteAsync<RemoveOperation, bool>(operation, token).ConfigureAwait(false);
    }
}
