using Prima.Extensions.Caching.Redis.Perf.Measuring;
using Prima.Extensions.Caching.Redis.Perf.Rivals;

namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

/// <summary>One caller reads an entry that is in the L1; nobody asks Redis.</summary>
internal sealed record LocalHitWorkload<T>(string Kind, T Value) : IWorkload
    where T : IEquatable<T>
{
    private const string Key = "admission";

    public string Name => $"L1 hit, {Kind}";

    public async Task<IReadOnlyList<Contender>> PrepareAsync(RivalSet rivals)
    {
        var twoLevel = await rivals.TwoLevelAsync();
        foreach (var rival in twoLevel.All)
        {
            await rival.SetAsync(Key, Value);
        }

        return [.. twoLevel.All.Select(rival => new Contender(rival.Name, slice => rival.ReadAsync<T>(Key, slice), () => CheckAsync(rival)))];
    }

    private async Task CheckAsync(TwoLevelRival rival)
    {
        await rival.ReadAsync<T>(Key, TimeSpan.Zero);
        if (!Value.Equals(await rival.GetAsync<T>(Key)))
        {
            throw new InvalidOperationException($"{rival} does not have what was stored.");
        }
    }
}
