using System.Diagnostics;
using Prima.Extensions.Caching.Redis.Perf.Measuring;
using Prima.Extensions.Caching.Redis.Perf.Rivals;

namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

/// <summary>One operation at a time by each of so many callers, over 1,024 keys that are all there.</summary>
internal sealed record SingleWorkload(Operation Operation, Expiry Expiry, int Size, int Callers) : IWorkload
{
    private const int KeyCount = 1024;

    private readonly string[] _keys = [.. Enumerable.Range(0, KeyCount).Select(i => $"patient:{i}:{Size}:{Expiry}")];
    private readonly byte[] _value = Values.Random(Size);

    public string Name => Operation.KnowsExpiry
        ? $"{Operation.Name}, {Expiry.ToString().ToLowerInvariant()}, {Values.SizeName(Size)}, c={Callers}"
        : $"{Operation.Name}, {Values.SizeName(Size)}, c={Callers}";

    private Ability Needs => Operation.Needs | (Expiry == Expiry.Sliding ? Ability.Sliding : Ability.Basic);

    public async Task<IReadOnlyList<Contender>> PrepareAsync(RivalSet rivals)
    {
        var able = rivals.All.Where(rival => rival.Can(Needs)).ToArray();
        foreach (var rival in able)
        {
            await Task.WhenAll(_keys.Select(key => rival.SetAsync(key, _value, Expiry).AsTask()));
        }

        return [.. able.Select(rival => new Contender(rival.Name, slice => RunAsync(rival, slice), () => CheckAsync(rival)))];
    }

    private async Task<long> RunAsync(Rival rival, TimeSpan slice)
    {
        var end = Stopwatch.GetTimestamp() + (long)(slice.TotalSeconds * Stopwatch.Frequency);
        var callers = Enumerable.Range(0, Callers).Select(i => new Caller(_keys, _value, i * KeyCount / Callers, end)).ToArray();

        // One caller stays where it is; several start on the pool, as requests of a server do.
        await (Callers == 1
            ? Operation.RunAsync(rival, callers[0], Expiry)
            : Task.WhenAll(callers.Select(caller => Task.Run(() => Operation.RunAsync(rival, caller, Expiry)))));
        return callers.Sum(static caller => caller.Operations);
    }

    private async Task CheckAsync(Rival rival)
    {
        await RunAsync(rival, TimeSpan.Zero);
        await Operation.CheckAsync(rival, _keys[0], _value);
    }
}
