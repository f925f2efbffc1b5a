using System.Diagnostics;
using Prima.Extensions.Caching.Redis.Perf.Measuring;
using Prima.Extensions.Caching.Redis.Perf.Rivals;

namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

/// <summary>A cache in front of a store: 95 % reads and 5 % writes over <see cref="Zipf"/> keys; a read that misses writes. It begins empty.</summary>
internal sealed class MixedWorkload : IWorkload
{
    public const int Callers = 64;

    private const int OneWriteIn = 20;

    private readonly string[] _keys = [.. Enumerable.Range(0, Zipf.KeyCount).Select(static i => $"mixed:{i}")];
    private readonly byte[] _value = Values.Random(Values.Kibibyte);
    private readonly Dictionary<string, (long Reads, long Hits)> _counts = [];

    public string Name => $"mixed, {Values.SizeName(Values.Kibibyte)}, c={Callers}";

    /// <summary>The share of reads that found their entry, so far.</summary>
    public double HitRatio(string rival) => _counts.TryGetValue(rival, out var count) ? (double)count.Hits / Math.Max(1, count.Reads) : 0;

    public Task<IReadOnlyList<Contender>> PrepareAsync(RivalSet rivals) => Task.FromResult<IReadOnlyList<Contender>>(
        [.. rivals.All.Select(rival => new Contender(rival.Name, slice => RunAsync(rival, slice), () => CheckAsync(rival)))]);

    /// <summary>The <paramref name="number"/>-th call, for any number.</summary>
    /// <returns>Whether it was a read that found its entry; <see langword="null"/> for a write.</returns>
    public async ValueTask<bool?> CallAsync(Rival rival, long number)
    {
        var key = _keys[Zipf.Draws[number % Zipf.DrawCount]];
        if (number % OneWriteIn == 0)
        {
            await rival.SetAsync(key, _value, Expiry.Absolute).ConfigureAwait(false);
            return null;
        }

        var found = await rival.GetAsync(key).ConfigureAwait(false);
        if (found is null)
        {
            await rival.SetAsync(key, _value, Expiry.Absolute).ConfigureAwait(false);
            return false;
        }

        return found.Length == _value.Length ? true : throw new InvalidOperationException($"{rival} answered with something else.");
    }

    private async Task<long> RunAsync(Rival rival, TimeSpan slice)
    {
        var start = Stopwatch.GetTimestamp();
        var results = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            long operations = 0, reads = 0, hits = 0;
            for (var number = (long)caller * Zipf.DrawCount / Callers; operations == 0 || Stopwatch.GetElapsedTime(start) < slice; number++, operations++)
            {
                if (await CallAsync(rival, number).ConfigureAwait(false) is { } isHit)
                {
                    reads++;
                    hits += isHit ? 1 : 0;
                }
            }

            return (operations, reads, hits);
        })));
        var (knownReads, knownHits) = _counts.GetValueOrDefault(rival.Name);
        _counts[rival.Name] = (knownReads + results.Sum(static result => result.reads), knownHits + results.Sum(static result => result.hits));
        return results.Sum(static result => result.operations);
    }

    private async Task CheckAsync(Rival rival)
    {
        await RunAsync(rival, TimeSpan.Zero);
        await CallAsync(rival, 1);
        if (await CallAsync(rival, 1) != true)
        {
            throw new InvalidOperationException($"{rival} does not have what it was given.");
        }
    }
}
