using System.Globalization;
using Microsoft.Extensions.Caching.Hybrid;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Processes;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid;

/// <summary>Two nodes on one Redis: what one changes is gone from the other's L1.</summary>
public sealed class HybridCoherenceTests
{
    private const string Key = "patient:7";

    private readonly string _instance = Guid.NewGuid().ToString("N") + ":";
    private int _factoryCalls;

    [Fact]
    public async Task OwnWrites_StayInTheNodesL1()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var node = await HybridNode.OpenAsync(server.Configuration, _instance);
        await node.Cache.SetAsync("set", "value");
        await node.Cache.GetOrCreateAsync("filled", _ => new ValueTask<string>("made"));

        // Each announces itself to the node that wrote it; the copy is compared, and stays.
        await EchoedAsync(node, "set");
        await EchoedAsync(node, "filled");
        await node.VerifiedAsync();

        Assert.True(node.Cache.Local.TryGet("set", out _));
        Assert.True(node.Cache.Local.TryGet("filled", out _));
    }

    [Theory, InlineData(EntryLayout.Hash), InlineData(EntryLayout.String)]
    public async Task OwnWrite_IsComparedWithoutReadingItBack(EntryLayout layout)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var node = await HybridNode.OpenAsync(server.Configuration, _instance, configureRedis: options => options.Layout = layout);
        var value = new byte[500_000];
        var before = await SentByAsync(server);

        for (var i = 0; i < 5; i++)
        {
            await node.Cache.SetAsync($"large {i}", value);
            await EchoedAsync(node, $"large {i}");
        }

        await node.VerifiedAsync();
        Assert.InRange(await SentByAsync(server) - before, 0, value.Length);
        Assert.True(node.Cache.Local.TryGet("large 4", out _));
    }

    [Fact]
    public async Task ForeignWrite_InTheSameTurnAsAnOwn_DoesNotHideBehindTheEcho()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var node = await HybridNode.OpenAsync(server.Configuration, _instance);
        await using var other = await HybridNode.OpenAsync(server.Configuration, _instance);
        for (var round = 0; round < 50; round++)
        {
            var own = node.Cache.SetAsync(Key, "own " + round).AsTask();
            var foreign = other.Cache.SetAsync(Key, "foreign " + round).AsTask();
            await Task.WhenAll(own, foreign);

            var inRedis = (await node.Cache.TryGetAsync<string>(Key, new() { Flags = HybridCacheEntryFlags.DisableLocalCache })).Value;
            await Poll.UntilAsync("both nodes show what is in Redis", HybridNode.Deadline, async () =>
                (await node.Cache.TryGetAsync<string>(Key)).Value == inRedis && (await other.Cache.TryGetAsync<string>(Key)).Value == inRedis);
        }
    }

    [Fact]
    public async Task Set_OnAnotherNode_ReplacesTheCopy()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var one = await HybridNode.OpenAsync(server.Configuration, _instance);
        await using var two = await HybridNode.OpenAsync(server.Configuration, _instance);
        await one.Cache.SetAsync(Key, "first");
        await LoadedAsync(two, "first");

        await one.Cache.SetAsync(Key, "second");

        await Poll.UntilAsync("the other node shows it", HybridNode.Deadline, async () => await GetAsync(two) == "second");
        Assert.Equal("second", await GetAsync(one));
        Assert.Equal(0, _factoryCalls);
    }

    [Fact]
    public async Task Removal_OnAnotherNodeOrByRedisCli_EmptiesTheCopy()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var one = await HybridNode.OpenAsync(server.Configuration, _instance);
        await using var two = await HybridNode.OpenAsync(server.Configuration, _instance);
        Assert.Equal("made 1", await GetAsync(one));
        await LoadedAsync(two, "made 1");
        await one.Cache.RemoveAsync(Key);
        await Poll.UntilAsync("gone from the other", HybridNode.Deadline, () => !two.Cache.Local.TryGet(Key, out _));
        await LoadedAsync(two, "made 2");
        await LoadedAsync(one, "made 2");

        await server.ExecuteAsync("DEL", _instance + Key);

        await Poll.UntilAsync("gone from both", HybridNode.Deadline, () => !two.Cache.Local.TryGet(Key, out _) && !one.Cache.Local.TryGet(Key, out _));
        Assert.Equal("made 3", await GetAsync(one));
    }

    [Theory, InlineData("ward"), InlineData("*")]
    public async Task TagRemoval_ReachesTheOtherNode_AlsoWhatWasLoadedWithoutTags(string removed)
    {
        var server = await SharedServers.GetProcessAsync();
        await using var one = await HybridNode.OpenAsync(server.Configuration, _instance);
        await using var two = await HybridNode.OpenAsync(server.Configuration, _instance);
        await one.Cache.SetAsync(Key, "old", tags: ["ward", "patients"]);
        await LoadedAsync(two, "old");

        await one.Cache.RemoveByTagAsync(removed);

        Assert.False(one.Cache.Local.TryGet(Key, out _));
        await Poll.UntilAsync("gone from the other", HybridNode.Deadline, () => !two.Cache.Local.TryGet(Key, out _));
        Assert.Equal("made 1", await GetAsync(two));
        await Poll.UntilAsync("shown by both", HybridNode.Deadline, async () => await GetAsync(one) == "made 1");
        Assert.Equal(1, _factoryCalls);
    }

    [Fact]
    public async Task TagRemoval_HoldsForANodeThatStartsLater()
    {
        var server = await SharedServers.GetProcessAsync();
        await using (var one = await HybridNode.OpenAsync(server.Configuration, _instance))
        {
            await one.Cache.SetAsync(Key, "old", tags: ["ward"]);
            await one.Cache.SetAsync("other", "kept", tags: ["surgery"]);
            await one.Cache.RemoveByTagAsync("ward");
        }

        await using var late = HybridNode.Open(server.Configuration, _instance);
        Assert.Equal("made 1", await GetAsync(late));
        Assert.Equal("kept", (await late.Cache.TryGetAsync<string>("other")).Value);
    }

    [Fact]
    public async Task Factory_DuringWhichTheKeyIsSet_IsHandedOutAndNotKept()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var slow = await HybridNode.OpenAsync(server.Configuration, _instance);
        await using var fast = await HybridNode.OpenAsync(server.Configuration, _instance);
        var (started, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        var making = slow.Cache.GetOrCreateAsync(Key, async _ =>
        {
            started.SetResult();
            await go.Task;
            return "old";
        });
        await started.Task.WaitAsync(HybridNode.Deadline);

        await fast.Cache.SetAsync(Key, "new");
        go.SetResult();

        Assert.Equal("old", await making);
        await Poll.UntilAsync("both show the new value", HybridNode.Deadline, async () => await GetAsync(slow) == "new" && await GetAsync(fast) == "new");
        Assert.Equal(0, _factoryCalls);
    }

    [Fact]
    public async Task Factory_DuringWhichTheKeyIsSetOnTheSameNode_IsJoinedByNobodyLater()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var node = await HybridNode.OpenAsync(server.Configuration, _instance);
        var (started, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        var making = node.Cache.GetOrCreateAsync(Key, async _ =>
        {
            started.SetResult();
            await go.Task;
            return "old";
        });
        await started.Task.WaitAsync(HybridNode.Deadline);

        await node.Cache.SetAsync(Key, "new");
        Assert.Equal("new", await GetAsync(node));
        go.SetResult();

        Assert.Equal("old", await making);
        Assert.Equal("new", await GetAsync(node));
        Assert.Equal("new", (await node.Cache.TryGetAsync<string>(Key, new() { Flags = HybridCacheEntryFlags.DisableLocalCache })).Value);
    }

    [Fact]
    public async Task Miss_OnManyNodes_RunsOneFactory()
    {
        var server = await SharedServers.GetProcessAsync();
        var nodes = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => HybridNode.OpenAsync(server.Configuration, _instance)));
        try
        {
            var values = await Task.WhenAll(nodes.SelectMany(node => Enumerable.Range(0, 5).Select(_ => node.Cache.GetOrCreateAsync(Key, async token =>
            {
                Interlocked.Increment(ref _factoryCalls);
                await Task.Delay(100, token);
                return "made";
            }).AsTask())));

            Assert.All(values, value => Assert.Equal("made", value));
            Assert.Equal(1, _factoryCalls);
        }
        finally
        {
            await Task.WhenAll(nodes.Select(node => node.DisposeAsync().AsTask()));
        }
    }

    // The announcement of the write may come while the value is read: then it is not kept.
    private Task LoadedAsync(HybridNode node, string value) =>
        Poll.UntilAsync("loaded into the L1", HybridNode.Deadline, async () => await GetAsync(node) == value && node.Cache.Local.TryGet(Key, out _));

    private static async Task<long> SentByAsync(RedisProcess server)
    {
        var line = (await server.ExecuteAsync("INFO", "stats")).Text!.Split('\n').Single(static line => line.StartsWith("total_net_output_bytes:", StringComparison.Ordinal));
        return long.Parse(line.Split(':')[1], CultureInfo.InvariantCulture);
    }

    private static Task EchoedAsync(HybridNode node, string key) =>
        Poll.UntilAsync("the echo of the own write", HybridNode.Deadline, () => node.Cache.Local.TryGet(key, out var entry) && entry.Write is { IsInDoubt: true });

    private ValueTask<string> GetAsync(HybridNode node) => node.Cache.GetOrCreateAsync(Key, _ => new ValueTask<string>("made " + Interlocked.Increment(ref _factoryCalls)));
}
