using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Distributed;
using Prima.Extensions.Caching.Redis.Distributed;

namespace Prima.Extensions.Caching.Redis;

public sealed partial class PrimaRedisCache
{
    bool IBufferDistributedCache.TryGet(string key, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(destination);
        return _executor.Execute<ReadOperation<WriterConsumer, bool>, bool>(Read<WriterConsumer, bool>(key, new(destination)));
    }

    ValueTask<bool> IBufferDistributedCache.TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(destination);
        return _executor.ExecuteAsync<ReadOperation<WriterConsumer, bool>, bool>(Read<WriterConsumer, bool>(key, new(destination)), token);
    }

    void IBufferDistributedCache.Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) =>
        _executor.Execute<WriteOperation, bool>(Write(key, value, options));

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    async ValueTask IBufferDistributedCache.SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token)
    {
        await _executor.ExecuteAsync<WriteOperation, bool>(Write(key, value, options), token).ConfigureAwait(false);
    }
}
