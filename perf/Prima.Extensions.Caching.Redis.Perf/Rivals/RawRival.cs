using System.Buffers;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Perf.Rivals;

/// <summary>The client library alone, with the commands of our string layout: what nothing on top of it can beat.</summary>
/// <remarks>It stores the bare value.</remarks>
internal sealed class RawRival(string prefix, ConnectionMultiplexer multiplexer) : Rival("StackExchange.Redis", Ability.Buffers)
{
    private readonly IDatabase _database = multiplexer.GetDatabase();
    private readonly RedisKey _prefix = System.Text.Encoding.UTF8.GetBytes(prefix);

    public IDatabase Database => _database;

    public RedisKey KeyOf(string key) => _prefix.Append(key);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<byte[]?> GetAsync(string key) => await _database.StringGetAsync(KeyOf(key)).ConfigureAwait(false);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination)
    {
        using var value = await _database.StringGetLeaseAsync(KeyOf(key)).ConfigureAwait(false);
        if (value is null)
        {
            return false;
        }

        destination.Write(value.Span);
        return true;
    }

    public override ValueTask SetAsync(string key, byte[] value, Expiry expiry) => new(_database.StringSetAsync(KeyOf(key), value, Lifetimes.Lifetime));

    public override ValueTask SetAsync(string key, ReadOnlySequence<byte> value, Expiry expiry) => new(_database.StringSetAsync(KeyOf(key), value, Lifetimes.Lifetime));

    public override ValueTask RemoveAsync(string key) => new(_database.KeyDeleteAsync(KeyOf(key)));

    public override ValueTask DisposeAsync() => multiplexer.DisposeAsync();
}
