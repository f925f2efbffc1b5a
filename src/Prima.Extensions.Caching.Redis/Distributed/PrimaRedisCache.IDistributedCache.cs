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
    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
        _executor.ExecuteAsync<ReadOperation<ArrayConsumer, byte[]?>, byte[]?>(Read<ArrayConsumer, byte[]?>(key, default), token).AsTask();

    /// <inheritdoc/>
    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        _executor.Execute<WriteOperation, bool>(Write(key, new ReadOnlySequence<byte>(value), options));
    }

    /// <inheritdoc/>
    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        return _executor.ExecuteAsync<WriteOperation, bool>(Write(key, new ReadOnlySequence<byte>(value), options), token).AsTask();
    }

    /// <inheritdoc/>
    public void Refresh(string key) =>
        _executor.Execute<ReadOperation<RefreshConsumer, bool>, bool>(Read<RefreshConsumer, bool>(key, default));

    /// <inheritdoc/>
    public Task RefreshAsync(string key, CancellationToken token = default) =>
        _executor.ExecuteAsync<ReadOperation<RefreshConsumer, bool>, bool>(Read<RefreshConsumer, bool>(key, default), token).AsTask();

    /// <inheritdoc/>
    public void Remove(string key) => _executor.Execute<RemoveOperation, bool>(Removal(key));

    /// <inheritdoc/>
    public Task RemoveAsync(string key, CancellationToken token = default) =>
        _executor.ExecuteAsync<RemoveOperation, bool>(Removal(key), token).AsTask();
}
