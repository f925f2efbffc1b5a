using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Caching.Hybrid;
using Prima.Extensions.Caching.Redis.CoherenceChecker.History;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.CoherenceChecker;

/// <summary>Reads hot keys, and replaces those that are this node's, as an application does: first the store, then the cache.</summary>
/// <remarks>
/// Times of change and times of rest alternate, the same on all nodes. What is old for a moment shows in the former; what stays old shows in the latter, because nothing heals it.
/// </remarks>
public sealed class Workload(NodeSettings settings, HybridCache cache, IDatabase store, HistoryFile history)
{
    private const int Readers = 4;
    private const double Period = 8;
    private const double ChangingFor = 3;
    private const int UsualFactory = 40;
    private const int SlowestFactory = 300;

    private static readonly HybridCacheEntryOptions Options = new() { Expiration = TimeSpan.FromMinutes(10), LocalCacheExpiration = TimeSpan.FromMinutes(10) };

    /// <summary>The seconds since the last time of change began; it lasts for three, and the next begins after eight.</summary>
    public static double PhaseOf(long origin) => (Stopwatch.GetTimestamp() - origin) / (double)Stopwatch.Frequency % Period;

    /// <summary>Works until cancelled.</summary>
    public async Task RunAsync(CancellationToken token)
    {
        var loops = Enumerable.Range(0, Readers).Select(_ => Task.Run(() => ReadAsync(token), CancellationToken.None)).ToList();
        for (var key = settings.Node; key < settings.Keys; key += settings.Nodes)
        {
            // A tag is that of one key, so that a single loop replaces it in every way.
            var own = key;
            loops.Add(Task.Run(() => ReplaceAsync(own, token), CancellationToken.None));
        }

        await Task.WhenAll(loops);
    }

    private static long Now => (long)(Stopwatch.GetTimestamp() * (double)TimeSpan.TicksPerSecond / Stopwatch.Frequency);

    private static string NameOf(int key) => key.ToString("'patient:'0", CultureInfo.InvariantCulture);

    private static string TagOf(int key) => key.ToString("'ward:'0", CultureInfo.InvariantCulture);

    private async Task ReadAsync(CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            var key = Random.Shared.Next(settings.Keys);
            var start = Now;
            try
            {
                var version = await cache.GetOrCreateAsync(NameOf(key), (this_: this, key), static (state, _) => state.this_.MakeAsync(state.key), Options, [TagOf(key)], CancellationToken.None);
                history.Write(new(OperationKind.Read, (byte)settings.Node, (ushort)key, version, start, Now));
            }
            catch (Exception fault) when (fault is RedisException or TimeoutException)
            {
                // A read that failed returned nothing old.
            }

            await Pause(1);
        }
    }

    private async ValueTask<long> MakeAsync(int key)
    {
        var version = (long)await store.StringGetAsync(NameOf(key));
        await Pause(Random.Shared.Next(Random.Shared.Next(4) == 0 ? SlowestFactory : UsualFactory));
        return version;
    }

    private async Task ReplaceAsync(int key, CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            if (PhaseOf(settings.Origin) is < 0 or > ChangingFor)
            {
                await Pause(10);
                continue;
            }

            var kind = (OperationKind)Random.Shared.Next((int)OperationKind.Set, (int)OperationKind.RemoveTag + 1);
            var version = await store.StringIncrementAsync(NameOf(key));
            var start = Now;
            try
            {
                await ReplaceAsync(kind, key, version);
                history.Write(new(kind, (byte)settings.Node, (ushort)key, version, start, Now));
            }
            catch (Exception fault) when (fault is RedisException or TimeoutException)
            {
                // Not known to be replaced: nothing is demanded of reads because of it.
            }

            await Pause(Random.Shared.Next(settings.ChangePause));
        }
    }

    private ValueTask ReplaceAsync(OperationKind kind, int key, long version) => kind switch
    {
        OperationKind.Set => cache.SetAsync(NameOf(key), version, Options, [TagOf(key)], CancellationToken.None),
        OperationKind.Remove => cache.RemoveAsync(NameOf(key), CancellationToken.None),
        _ => cache.RemoveByTagAsync(TagOf(key), CancellationToken.None),
    };

    private static Task Pause(int milliseconds) => Task.Delay(milliseconds, CancellationToken.None);
}
