using System.Diagnostics;
using Prima.Extensions.Caching.Redis.Perf.Fleet;
using Prima.Extensions.Caching.Redis.Perf.Measuring;
using Prima.Extensions.Caching.Redis.Perf.Results;
using Prima.Extensions.Caching.Redis.Perf.Servers;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Observation;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Perf.Sections;

/// <summary>What many nodes have of each other: a miss that all have at once, and a removal that all must hear of. The nodes are service providers in one process.</summary>
internal sealed class FleetSection(string name) : Section(name)
{
    private const int Nodes = 8;
    private const int Keys = 50;
    private const int Removals = 1000;
    private const int MostCommands = 6;

    private const string Commands = "commands for each waiting node";
    private const string Eviction = "from the beginning of a removal to its eviction elsewhere";

    private static readonly string Miss = $"miss over {Nodes} nodes, factory of 100 ms";
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly FleetCache[] Caches = [FleetCache.PrimaHybrid, FleetCache.MicrosoftHybrid, FleetCache.Fusion];

    public override IReadOnlyList<string> Cases => [Miss, Commands, Eviction];

    public override async Task TryOutAsync(string name)
    {
        var server = await PerfServer.ConfigurationAsync();
        if (name == Miss)
        {
            foreach (var cache in Caches)
            {
                var run = await MissAsync(server, cache, 3);
                Assert.InRange(run.FactoryCalls, 1, cache == FleetCache.PrimaHybrid ? 1 : Nodes);
            }
        }
        else if (name == Commands)
        {
            // A node that is late, and claims between another's fill and its own read, asks twice: that is not what waiting costs.
            var commands = await CommandsAsync();
            Assert.InRange(commands <= MostCommands ? commands : await CommandsAsync(), 1, MostCommands);
        }
        else
        {
            Assert.Equal(10, (await EvictionsAsync(server, 10, byNode: true)).Length);
            Assert.Equal(10, (await EvictionsAsync(server, 10, byNode: false)).Length);
        }
    }

    public override async Task<SectionResult> MeasureAsync()
    {
        var server = await PerfServer.ConfigurationAsync();
        var result = new SectionResult { Environment = await RunEnvironment.OfAsync(server) };
        var (calls, p50, p99) = (Figures(result, $"{Miss}: calls of the factory for each key"), Figures(result, $"{Miss}: p50 of all callers, ms"), Figures(result, $"{Miss}: p99 of all callers, ms"));
        foreach (var cache in Caches)
        {
            var run = await MissAsync(server, cache, Keys);
            (calls[cache.Name], p50[cache.Name], p99[cache.Name]) = (run.FactoryCalls, Math.Round(run.P50, 1), Math.Round(run.P99, 1));
        }

        Figures(result, Commands)[FleetCache.Prima] = Math.Round(await CommandsAsync(), 2);
        var (eviction50, eviction99) = (Figures(result, $"{Eviction}, p50, ms"), Figures(result, $"{Eviction}, p99, ms"));
        foreach (var (by, byNode) in new[] { ("by another node", true), ("DEL by a foreign client", false) })
        {
            var times = await EvictionsAsync(server, Removals, byNode);
            (eviction50[by], eviction99[by]) = (Math.Round(Statistics.Quantile(times, 0.5), 2), Math.Round(Statistics.Quantile(times, 0.99), 2));
        }

        return result;
    }

    private static Dictionary<string, double> Figures(SectionResult result, string name) => result.Figures[name] = [];

    private static async Task<MissRun> MissAsync(string server, FleetCache cache, int keys)
    {
        var nodes = await cache.OpenManyAsync(server, Nodes);
        await MissRun.RunAsync(nodes, 1);
        var run = await MissRun.RunAsync(nodes, keys);
        await CloseAsync(nodes);
        return run;
    }

    // All that the server did for eight nodes, less what it did for one. Commands that scripts call count.
    private static async Task<double> CommandsAsync()
    {
        await using var server = await RedisServers.StartProcessAsync();
        return (await CommandsAsync(server, Nodes) - await CommandsAsync(server, 1)) / (Nodes - 1);
    }

    private static async Task<double> CommandsAsync(RedisProcess server, int count)
    {
        const int keys = 3;
        var nodes = await FleetCache.PrimaHybrid.OpenManyAsync(server.Configuration, count);
        await MissRun.RunAsync(nodes, 1);
        await Task.Delay(Settled);
        await using var log = await CommandLog.StartAsync(server);
        await MissRun.RunAsync(nodes, keys);

        // The callers have their value before it is written and compared.
        await Task.Delay(Settled);
        var commands = await log.ReadAsync();
        await CloseAsync(nodes);
        return (double)commands.Count(static command => command.Arguments.Any(IsOfAMiss)) / keys;
    }

    // Not the clock, nor what nodes tell each other twice a second.
    private static bool IsOfAMiss(string argument) =>
        argument.StartsWith("__prima_lease__", StringComparison.Ordinal) || argument.StartsWith("__prima_wake__", StringComparison.Ordinal)
        || (argument.StartsWith(FleetCache.PrimaHybrid.Prefix, StringComparison.Ordinal) && !argument.EndsWith("__prima_clock__", StringComparison.Ordinal));

    /// <summary>How long each removal took until the other node's L1 answered no more, in milliseconds, from the least.</summary>
    private static async Task<double[]> EvictionsAsync(string server, int count, bool byNode)
    {
        var nodes = await FleetCache.PrimaHybrid.OpenManyAsync(server, 2);
        var (one, other) = ((HybridNode)nodes[0], (HybridNode)nodes[1]);
        await using var foreign = await ConnectionMultiplexer.ConnectAsync(server);
        var times = new double[count];
        for (var i = 0; i < count; i++)
        {
            var key = $"removed {i}";

            // The announcement of its own fill may come in between.
            await Poll.UntilAsync("in the L1", Deadline, async () =>
            {
                await other.GetOrCreateAsync(key, static () => new([1]));
                return await other.IsLocalAsync(key);
            });
            await Task.Delay(1);
            var began = Stopwatch.GetTimestamp();
            var removal = byNode ? one.RemoveAsync(key).AsTask() : foreign.GetDatabase().KeyDeleteAsync(FleetCache.PrimaHybrid.Prefix + key);
            while (await other.IsLocalAsync(key))
            {
                await Task.Yield();
            }

            times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            await removal;
        }

        await CloseAsync(nodes);
        Array.Sort(times);
        return times;
    }

    private static async Task CloseAsync(FleetNode[] nodes)
    {
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }
}
