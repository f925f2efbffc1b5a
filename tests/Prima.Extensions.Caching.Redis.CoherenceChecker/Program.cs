using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Prima.Extensions.Caching.Redis.CoherenceChecker;
using Prima.Extensions.Caching.Redis.CoherenceChecker.History;
using StackExchange.Redis;

// One node. It works until its standard input ends, so it does not outlive who started it.
var settings = NodeSettings.Parse(args[0]);

// Slow values keep threads, and must not keep those that everything else needs.
ThreadPool.SetMinThreads(64, 64);
using var history = new HistoryFile(settings.HistoryFile);
await using var store = await ConnectionMultiplexer.ConnectAsync(settings.Store);
await using var services = NodeCache.Create(settings);
using var end = new CancellationTokenSource();
var workload = new Workload(settings, services.GetRequiredService<HybridCache>(), store.GetDatabase(), history).RunAsync(end.Token);
Console.WriteLine("working");
while (await Console.In.ReadLineAsync() is not null)
{
    // Nothing is asked of it.
}

await end.CancelAsync();
await workload;
