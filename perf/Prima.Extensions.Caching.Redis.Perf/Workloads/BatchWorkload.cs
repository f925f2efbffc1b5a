using Prima.Extensions.Caching.Redis.Perf.Measuring;
using Prima.Extensions.Caching.Redis.Perf.Rivals;

namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

/// <summary>So many entries of 1 KiB in one call, by one caller; what is counted is entries.</summary>
/// <remarks>
/// Microsoft's provider has no batch: a loop is what applications write, Task.WhenAll the best that they can. The raw client pipelines the commands that ours sends:
/// HMGET, or MGET where one server has all keys; HSET and PEXPIRE, which are not atomic together as ours are; SET PX.
/// </remarks>
internal sealed record BatchWorkload(BatchDirection Direction, int Entries, bool IsCluster) : IWorkload
{
    public const string HashName = RivalNames.Hash;
    public const string StringName = RivalNames.String;
    public const string LoopName = "Microsoft, loop";
    public const string WhenAllName = "Microsoft, Task.WhenAll";
    public const string HashLoopName = "Prima Hash, loop";
    public const string StringLoopName = "Prima String, loop";
    public const string RawHashName = "StackExchange.Redis, hashes";
    public const string RawStringName = "StackExchange.Redis, strings";

    private readonly string[] _keys = [.. Enumerable.Range(0, Entries).Select(i => $"ward:{i}:{Entries}")];
    private readonly byte[] _value = Values.Random(Values.Kibibyte);

    private BatchEntry[] Batch => field ??= [.. _keys.Select(key => new BatchEntry(key, _value, Expiry.Absolute.Options()))];

    public string Name => $"{Direction.ToString().ToLowerInvariant()} {Entries} entries, {(IsCluster ? "3-node cluster" : "one server")}";

    public async Task<IReadOnlyList<Contender>> PrepareAsync(RivalSet rivals)
    {
        foreach (var rival in new Rival[] { rivals.Hash, rivals.String, rivals.Microsoft, rivals.Raw })
        {
            await Task.WhenAll(_keys.Select(key => rival.SetAsync(key, _value, Expiry.Absolute).AsTask()));
        }

        var raw = new RawBatch(rivals.Raw, _keys, _value);
        await raw.SetHashesAsync();
        var prima = Direction == BatchDirection.Get ? (Func<DistributedCacheRival, Task>)GetManyAsync : SetManyAsync;
        return
        [
            Contender(HashName, rivals.Hash, () => prima(rivals.Hash)),
            Contender(StringName, rivals.String, () => prima(rivals.String)),
            Contender(HashLoopName, rivals.Hash, () => LoopAsync(rivals.Hash)),
            Contender(StringLoopName, rivals.String, () => LoopAsync(rivals.String)),
            Contender(LoopName, rivals.Microsoft, () => LoopAsync(rivals.Microsoft)),
            Contender(WhenAllName, rivals.Microsoft, () => WhenAllAsync(rivals.Microsoft)),
            Contender(RawHashName, null, Direction == BatchDirection.Get ? raw.GetHashesAsync : raw.SetHashesAsync),
            Contender(RawStringName, rivals.Raw, Direction == BatchDirection.Set ? raw.SetStringsAsync : IsCluster ? raw.GetStringsAsync : raw.GetStringsTogetherAsync),
        ];
    }

    private Contender Contender(string name, Rival? rival, Func<Task> batch) => Measuring.Contender.OfBatches(
        name,
        Entries,
        batch,
        async () =>
        {
            await batch();
            if (rival is not null)
            {
                var stored = await Task.WhenAll(_keys.Select(key => rival.GetAsync(key).AsTask()));
                Demand(stored.All(value => value is not null && value.AsSpan().SequenceEqual(_value)), name);
            }
        });

    private async Task GetManyAsync(DistributedCacheRival rival)
    {
        using var values = await ((IBatchCache)rival.Cache).GetManyAsync(_keys);
        Demand(values.Count == Entries && values.Values.All(value => value.Length == _value.Length), rival.Name);
    }

    private async Task SetManyAsync(DistributedCacheRival rival)
    {
        var result = await ((IBatchCache)rival.Cache).SetManyAsync(Batch);
        Demand(result.Succeeded && result.Count == Entries, rival.Name);
    }

    private async Task LoopAsync(Rival rival)
    {
        foreach (var key in _keys)
        {
            await OneAsync(rival, key);
        }
    }

    private Task WhenAllAsync(Rival rival)
    {
        var tasks = new Task[_keys.Length];
        for (var i = 0; i < tasks.Length; i++)
        {
            tasks[i] = OneAsync(rival, _keys[i]);
        }

        return Task.WhenAll(tasks);
    }

    private Task OneAsync(Rival rival, string key) =>
        Direction == BatchDirection.Get ? rival.GetAsync(key).AsTask() : rival.SetAsync(key, _value, Expiry.Absolute).AsTask();

    private static void Demand(bool isRight, string name)
    {
        if (!isRight)
        {
            throw new InvalidOperationException($"A batch of {name} was not what was stored.");
        }
    }
}
