using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid;
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

    [Theory, InlineData(FailureMode.Degrade), InlineData(FailureMode.Throw)]
    public async Task Outage_TagsThatAreRemoved_AreLoggedOnceAndTheEndToo(FailureMode mode)
    {
        const int Removals = 20;
        await using var server = await RedisServers.StartProcessAsync();
        using var telltale = new Telltale();
        await using var node = await OpenAsync(server.Configuration, mode, telltale);

        await server.KillAsync();
        await Task.WhenAll(Enumerable.Range(0, Removals).Select(async tag =>
        {
            var removal = node.Cache.RemoveByTagAsync($"ward {tag}").AsTask();
            await removal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Assert.Equal(mode == FailureMode.Throw, removal.IsFaulted);
        }));
        await Poll.UntilAsync("they are sent again, and again", Patience, () => telltale.Log.Count(static line => line.Text.Contains("'remove-tag'", StringComparison.Ordinal)) > 2 * Removals);
        await server.RestartAsync();
        await Poll.UntilAsync("the end is logged", Patience, () => telltale.Count(4012) == 1);

        Assert.Equal(1, telltale.Count(4009));
        Assert.DoesNotContain(telltale.Log, static line => line.Level >= LogLevel.Error);
        await node.DisposeAsync();
        Assert.Equal(0, telltale.Count(4013));
    }

    [Fact]
    public async Task Disposal_WithTagsWhoseRemovalRedisMissed_SaysHowMany()
    {
        await using var server = await RedisServers.StartProcessAsync();
        using var telltale = new Telltale();
        await using var node = await OpenAsync(server.Configuration, FailureMode.Degrade, telltale);
        await server.KillAsync();
        await node.Cache.RemoveByTagAsync(["ward 1", "ward 2"]);

        await node.DisposeAsync();

        Assert.Contains("2 tag(s)", Assert.Single(telltale.Log, static line => line.Id == 4013).Text, StringComparison.Ordinal);
        Assert.Equal(0, telltale.Count(4010));
        Assert.Equal(0, telltale.Count(4012));
    }

    private static Task<HybridNode> OpenAsync(string configuration, FailureMode mode, Telltale telltale) => HybridNode.OpenAsync(
        configuration,
        "",
        configureRedis: options =>
        {
            options.FailureMode = mode;
            options.CommandTimeout = TimeSpan.FromSeconds(1);
        },
        build: builder => builder.Services.AddSingleton<ILoggerFactory>(telltale));
}
