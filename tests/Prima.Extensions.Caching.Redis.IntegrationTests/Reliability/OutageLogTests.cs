using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Reliability;

/// <summary>An outage is a few lines in the log, whatever the load is.</summary>
public sealed class OutageLogTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("killed", 1004, 1005)]
    [InlineData("stopped", 1006, 1007)]
    public async Task Outage_IsLoggedOnceAndItsEndToo(string fault, int begins, int ends)
    {
        await using var server = await RedisServers.StartProcessAsync();
        using var telltale = new Telltale();
        await using var cache = telltale.CreateCache(new PrimaRedisCacheOptions { Configuration = server.Configuration, CommandTimeout = TimeSpan.FromSeconds(2) });
        await cache.SetAsync("k", [1], new());

        await (fault == "killed" ? server.KillAsync() : Task.Run(server.Suspend));
        using var outage = new CancellationTokenSource(TimeSpan.FromSeconds(6));
        // Those that meet the stop wait for their timeout; from then on nobody does.
        var calls = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            while (!outage.IsCancellationRequested)
            {
                await cache.GetAsync("k");
                await cache.RemoveAsync($"k{worker}");
                Interlocked.Add(ref calls, 2);
            }
        })));
        await (fault == "killed" ? server.RestartAsync() : Task.Run(server.Resume));
        await Poll.UntilAsync("the end is logged", Patience, async () =>
        {
            await cache.GetAsync("again");
            return telltale.Count(2004) == 1 && telltale.Count(2006) == 1 && telltale.Count(ends) >= 1;
        });

        var loud = telltale.Log.Where(static line => line.Level >= LogLevel.Warning).Select(static line => line.Text.Split(". ")[0]).ToList();
        Assert.True(calls > 1000, $"{calls}");
        Assert.Equal(1, telltale.Count(begins));
        Assert.Equal(1, telltale.Count(2002));
        Assert.Equal(1, telltale.Count(2005));
        Assert.Distinct(loud);
        Assert.InRange(loud.Count, 3, 7);
        Assert.DoesNotContain(telltale.Log, static line => line.Level >= LogLevel.Error);
    }
}
