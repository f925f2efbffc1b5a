using Prima.Extensions.Caching.Redis.Perf.Measuring;
using Prima.Extensions.Caching.Redis.Perf.Rivals;

namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

/// <summary>So many entries of 1 KiB that are in Redis and not in the L1, by one caller; what is counted is entries.</summary>
/// <remarks>Microsoft's HybridCache has no call for many: a loop is what applications write, Task.WhenAll the best that they can.</remarks>
internal sealed record GetOrCreateManyWorkload(int Entries) : IWorkload
{
    public const string WhenAllName = "HybridCache over Microsoft, Task.WhenAll";
    public const string LoopName = "HybridCache over Microsoft, loop";
    public const string PrimaLoopName = "PrimaHybridCache, loop";

    private readonly string[] _keys = [.. Enumerable.Range(0, Entries).Select(static i => $"chart:{i}")];
    private readonly byte[] _value = Values.Random(Values.Kibibyte);

    public string Name => $"get or create {Entries} entries that are in L2";

    public async Task<IReadOnlyList<Contender>> PrepareAsync(RivalSet rivals)
    {
        var twoLevel = await rivals.TwoLevelAsync();
        foreach (var rival in new TwoLevelRival[] { twoLevel.Prima, twoLevel.Microsoft })
        {
            await Task.WhenAll(_keys.Select(key => rival.SetAsync(key, _value).AsTask()));
        }

        return
        [
            Contender(RivalNames.PrimaHybrid, () => ManyAsync(twoLevel.Prima)),
            Contender(PrimaLoopName, () => LoopAsync(twoLevel.Prima)),
            Contender(LoopName, () => LoopAsync(twoLevel.Microsoft)),
            Contender(WhenAllName, () => WhenAllAsync(twoLevel.Microsoft)),
        ];
    }

    private Contender Contender(string name, Func<Task> batch) => Measuring.Contender.OfBatches(name, Entries, batch, check: batch);

    private async Task ManyAsync(PrimaTwoLevelRival rival)
    {
        var found = await rival.GetDistributedManyAsync<byte[]>(_keys);
        Demand(found.Count == Entries && found.Values.All(value => value.Length == _value.Length), rival);
    }

    private async Task LoopAsync(HybridTwoLevelRival rival)
    {
        foreach (var key in _keys)
        {
            Demand((await rival.GetDistributedAsync<byte[]>(key)).Length == _value.Length, rival);
        }
    }

    private async Task WhenAllAsync(HybridTwoLevelRival rival)
    {
        var values = await Task.WhenAll(Array.ConvertAll(_keys, key => rival.GetDistributedAsync<byte[]>(key).AsTask()));
        Demand(values.All(value => value.Length == _value.Length), rival);
    }

    private static void Demand(bool isRight, TwoLevelRival rival)
    {
        if (!isRight)
        {
            throw new InvalidOperationException($"{rival} did not find what was stored.");
        }
    }
}
