using System.Diagnostics;
using Prima.Extensions.Caching.Redis.Perf.Measuring;
using Prima.Extensions.Caching.Redis.Perf.Rivals;

namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

/// <summary>Fifty callers, each storing, reading and removing entries of its own, and none may ever see anything wrong: what the medical system asked for.</summary>
internal sealed class ConcurrentWorkload : IWorkload
{
    private const int Callers = 50;

    private readonly byte[] _value = Values.Random(Values.Kibibyte);

    public string Name => $"set, get and remove, {Values.SizeName(Values.Kibibyte)}, c={Callers}";

    public Task<IReadOnlyList<Contender>> PrepareAsync(RivalSet rivals) => Task.FromResult<IReadOnlyList<Contender>>(
        [.. rivals.All.Select(rival => new Contender(rival.Name, slice => RunAsync(rival, slice), () => RunAsync(rival, TimeSpan.Zero)))]);

    private async Task<long> RunAsync(Rival rival, TimeSpan slice)
    {
        var start = Stopwatch.GetTimestamp();
        var operations = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(rival, $"visit:{caller}", start, slice))));
        return operations.Sum();
    }

    private async Task<long> CallAsync(Rival rival, string key, long start, TimeSpan slice)
    {
        long operations = 0;
        do
        {
            await rival.SetAsync(key, _value, Expiry.Absolute);
            Demand(await rival.GetAsync(key) is { } stored && stored.AsSpan().SequenceEqual(_value), rival);
            await rival.RemoveAsync(key);
            Demand(await rival.GetAsync(key) is null, rival);
            operations += 4;
        }
        while (Stopwatch.GetElapsedTime(start) < slice);
        return operations;
    }

    private static void Demand(bool isRight, Rival rival)
    {
        if (!isRight)
        {
            throw new InvalidOperationException($"{rival} did not do all of fifty concurrent callers' operations.");
        }
    }
}
