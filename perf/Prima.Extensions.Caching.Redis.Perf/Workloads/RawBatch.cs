using Prima.Extensions.Caching.Redis.Perf.Rivals;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

/// <summary>Batches by the client library alone: the commands of both layouts in one pipeline.</summary>
internal sealed class RawBatch(RawRival raw, string[] keys, byte[] value)
{
    private static readonly RedisValue[] Fields = ["absexp", "sldexp", "data"];

    private readonly RedisKey[] _strings = [.. keys.Select(raw.KeyOf)];
    private readonly RedisKey[] _hashes = [.. keys.Select(key => raw.KeyOf("hash:" + key))];

    public Task GetHashesAsync() => AllAsync(_hashes, key => raw.Database.HashGetAsync(key, Fields));

    public Task GetStringsAsync() => AllAsync(_strings, key => raw.Database.StringGetAsync(key));

    public Task GetStringsTogetherAsync() => raw.Database.StringGetAsync(_strings);

    public Task SetStringsAsync() => AllAsync(_strings, key => raw.Database.StringSetAsync(key, value, Lifetimes.Lifetime));

    public Task SetHashesAsync() => AllAsync(_hashes, async key =>
    {
        var stored = raw.Database.HashSetAsync(key, [new(Fields[0], -1), new(Fields[1], -1), new(Fields[2], value)]);
        var expires = raw.Database.KeyExpireAsync(key, Lifetimes.Lifetime);
        await stored.ConfigureAwait(false);
        await expires.ConfigureAwait(false);
    });

    private static Task AllAsync(RedisKey[] keys, Func<RedisKey, Task> command)
    {
        var tasks = new Task[keys.Length];
        for (var i = 0; i < tasks.Length; i++)
        {
            tasks[i] = command(keys[i]);
        }

        return Task.WhenAll(tasks);
    }
}
