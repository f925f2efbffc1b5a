using System.Diagnostics;
using Prima.Extensions.Caching.Redis.TestServers.Processes;

namespace Prima.Extensions.Caching.Redis.TestServers.Topologies;

/// <summary>Keeps the nodes of a cluster from standing for election twice in a short time.</summary>
/// <remarks>
/// A Redis node that won an election, was made a replica again, and loses its primary within 4 node timeouts counts the votes of the
/// old election once more (seen in 7.0.15): it believes that it won, nobody else does, and the slots stay without owner for good.
/// </remarks>
internal sealed class ElectionTimes
{
    private static readonly TimeSpan Validity = TimeSpan.FromSeconds(8.5);

    private readonly Lock _gate = new();
    private readonly Dictionary<RedisProcess, long> _wins = [];
    private HashSet<RedisProcess>? _primaries;

    /// <summary>Takes notice of the primaries: those that were none before have won an election meanwhile.</summary>
    public void Note(IReadOnlyList<RedisProcess> primaries)
    {
        lock (_gate)
        {
            foreach (RedisProcess winner in primaries.Where(p => _primaries?.Contains(p) == false))
            {
                _wins[winner] = Stopwatch.GetTimestamp();
            }

            _primaries = [.. primaries];
        }
    }

    /// <summary>Waits until a node's last win is forgotten.</summary>
    public async Task WaitAsync(RedisProcess node)
    {
        TimeSpan wait;
        lock (_gate)
        {
            wait = _wins.TryGetValue(node, out long won) ? Validity - Stopwatch.GetElapsedTime(won) : TimeSpan.Zero;
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait);
        }
    }
}
