using System.Diagnostics;

namespace Prima.Extensions.Caching.Redis.Perf.Measuring;

/// <summary>Measures contenders in turns, so that whatever disturbs the machine for a while disturbs all of them.</summary>
/// <remarks>
/// 1. Each runs for nothing first: code is compiled for good, connections are up. 2. In each round each has one slice; who begins changes from round to round.
/// 3. A ratio is taken within a round, where both sides had the same machine; of the ratios the median counts.
/// </remarks>
internal sealed class Interleaver(Pace pace, ServerProcessor server)
{
    public async Task<Dictionary<string, List<Slice>>> RunAsync(IReadOnlyList<Contender> contenders)
    {
        var results = contenders.ToDictionary(static contender => contender.Name, static _ => new List<Slice>());
        foreach (var contender in contenders)
        {
            await contender.RunAsync(pace.WarmUp);
        }

        for (var round = 0; round < pace.Rounds; round++)
        {
            for (var i = 0; i < contenders.Count; i++)
            {
                var contender = contenders[(round + i) % contenders.Count];
                results[contender.Name].Add(await MeasureAsync(contender));
            }
        }

        return results;
    }

    private async Task<Slice> MeasureAsync(Contender contender)
    {
        // What the one before left behind is not for this one to clean up.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var serverBefore = await server.MicrosecondsAsync();
        var clientBefore = Environment.CpuUsage.TotalTime;
        var bytesBefore = GC.GetTotalAllocatedBytes(precise: true);
        var start = Stopwatch.GetTimestamp();
        var operations = await contender.RunAsync(pace.Slice);
        var elapsed = Stopwatch.GetElapsedTime(start);
        var bytes = GC.GetTotalAllocatedBytes(precise: true) - bytesBefore;
        var client = (Environment.CpuUsage.TotalTime - clientBefore).TotalMicroseconds;
        var serverTime = await server.MicrosecondsAsync() - serverBefore;
        return new(operations / elapsed.TotalSeconds, (double)bytes / operations, client / operations, serverTime / operations);
    }
}
