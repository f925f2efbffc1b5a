using Prima.Extensions.Caching.Redis.TestServers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid;

/// <summary>Redis dies under a hybrid cache, in both failure modes, and comes back.</summary>
public sealed class HybridOutageTests
{
    private readonly string _instance = Guid.NewGuid().ToString("N") + ":";
    private int _factoryCalls;

    [Theory, InlineData(FailureMode.Degrade), InlineData(FailureMode.Throw)]
    public async Task Outage_OwnFactorysValues_AreHeldForAShortTime_AndNothingElse(FailureMode mode)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var node = await OpenAsync(server.Configuration, mode, TimeSpan.FromSeconds(2));
        await node.Cache.SetAsync("set", "set");
        await node.VerifiedAsync();
        Assert.Equal("made 1", await GetAsync(node, "made"));

        await server.KillAsync();
        await Poll.UntilAsync("the loss is noticed", HybridNode.Deadline, () => !node.Cache.Source.IsArmed("made"));

        // What was held before the loss is not answered; what is made now is, for a while.
        Assert.Equal("made 2", await GetAsync(node, "made"));
        Assert.Equal("made 2", await GetAsync(node, "made"));
        Assert.False(node.Cache.Local.TryGet("set", out _));
        await Poll.UntilAsync("the short time is over", HybridNode.Deadline, async () => await GetAsync(node, "made") != "made 2");
    }

    [Theory, InlineData(FailureMode.Degrade), InlineData(FailureMode.Throw)]
    public async Task Outage_WithoutLocalTime_EveryCallRunsTheFactory(FailureMode mode)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var node = await OpenAsync(server.Configuration, mode, TimeSpan.Zero);
        await server.KillAsync();
        await Poll.UntilAsync("the loss is noticed", HybridNode.Deadline, () => !node.Cache.Source.IsArmed("made"));

        Assert.Equal("made 1", await GetAsync(node, "made"));
        await Poll.UntilAsync("the fill has failed", HybridNode.Deadline, async () => await GetAsync(node, "made") != "made 1");
    }

    [Fact]
    public async Task NotToldOfChanges_WhileRedisIsThere_NothingIsHeld()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var node = HybridNode.Open(await server.SetUserAsync("deaf", "secret", "~*", "&*", "+@all", "-subscribe", "-psubscribe", "-ssubscribe"), _instance);
        await using var other = await OpenAsync(server.Configuration, FailureMode.Degrade, TimeSpan.FromSeconds(5));
        Assert.Equal("made 1", await GetAsync(node, "key"));
        await Poll.UntilAsync("it is in Redis", HybridNode.Deadline, async () => (await other.Cache.TryGetAsync<string>("key")).Found);

        await other.Cache.SetAsync("key", "new");

        // The node may not have taken in yet that its fill has ended; what it held would be answered for five seconds.
        await Poll.UntilAsync("the new value is answered", TimeSpan.FromSeconds(2), async () => await GetAsync(node, "key") == "new");
    }

    [Fact]
    public async Task Outage_Throw_ChangesTellTheirCaller()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var node = await OpenAsync(server.Configuration, FailureMode.Throw, TimeSpan.FromSeconds(5));
        await server.KillAsync();

        await Assert.ThrowsAnyAsync<RedisException>(() => node.Cache.SetAsync("key", "value").AsTask());
        await Assert.ThrowsAnyAsync<RedisException>(() => node.Cache.RemoveAsync("key").AsTask());
        await Assert.ThrowsAnyAsync<RedisException>(() => node.Cache.RemoveAsync(["key", "other"]).AsTask());
        await Assert.ThrowsAnyAsync<RedisException>(() => node.Cache.RemoveByTagAsync("tag").AsTask());
    }

    [Fact]
    public async Task CommandsThatTheClientMayNotSend_Throw_ValuesAreMade_AndItEndsQuietly()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var node = HybridNode.Open($"{server.Configuration},$EVAL=,$EVALSHA=,$PUBLISH=", _instance, configureRedis: static options => options.FailureMode = FailureMode.Throw);
        await Poll.UntilAsync("connected", HybridNode.Deadline, () => node.Cache.Leases.IsOpen);

        Assert.Equal("made 1", await GetAsync(node, "key"));
        await Assert.ThrowsAsync<RedisCommandException>(() => node.Cache.RemoveByTagAsync("tag").AsTask());
        await node.DisposeAsync();
    }

    [Fact]
    public async Task Outage_Degrade_ChangesDoNotThrow()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var node = await OpenAsync(server.Configuration, FailureMode.Degrade, TimeSpan.FromSeconds(5));
        await server.KillAsync();

        await node.Cache.SetAsync("key", "value");
        await node.Cache.RemoveAsync("key");
        await node.Cache.RemoveAsync(["key", "other"]);
        await node.Cache.RemoveByTagAsync("tag");
        Assert.False((await node.Cache.TryGetAsync<string>("key")).Found);
        Assert.Empty(await node.Cache.GetManyAsync<string>(["key", "other"]));
        Assert.Equal("made 1", (await node.Cache.GetOrCreateManyAsync(["key"], Make))["key"]);
    }

    [Fact]
    public async Task TagRemoval_WhileRedisIsAway_HoldsAtOnceHere_AndEverywhereWhenItIsBack()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var node = await OpenAsync(server.Configuration, FailureMode.Degrade, TimeSpan.FromMinutes(5));
        await using var other = await OpenAsync(server.Configuration, FailureMode.Degrade, TimeSpan.FromMinutes(5));
        await node.Cache.SetAsync("key", "old", tags: ["tag"]);
        await server.ExecuteAsync("SAVE");
        await server.KillAsync();
        await Poll.UntilAsync("the loss is noticed", HybridNode.Deadline, () => !node.Cache.Source.IsArmed("key"));
        Assert.Equal("made 1", await GetAsync(node, "key", "tag"));
        Assert.Equal("made 1", await GetAsync(node, "key", "tag"));

        await node.Cache.RemoveByTagAsync("tag");
        Assert.Equal("made 2", await GetAsync(node, "key", "tag"));

        await server.RestartAsync();
        await node.ReadyAsync();
        await other.ReadyAsync();
        Assert.NotEqual("old", (await node.Cache.TryGetAsync<string>("key")).Value);
        await Poll.UntilAsync("the removal is everywhere", HybridNode.Deadline, async () => (await other.Cache.TryGetAsync<string>("key")).Value != "old");
    }

    private Task<HybridNode> OpenAsync(string configuration, FailureMode mode, TimeSpan outage) =>
        HybridNode.OpenAsync(configuration, _instance, options => options.OutageLocalExpiration = outage, options =>
        {
            options.FailureMode = mode;
            options.CommandTimeout = TimeSpan.FromSeconds(1);
        });

    private ValueTask<string> GetAsync(HybridNode node, string key, params string[] tags) =>
        node.Cache.GetOrCreateAsync(key, _ => new ValueTask<string>("made " + Interlocked.Increment(ref _factoryCalls)), tags: tags);

    private ValueTask<IReadOnlyDictionary<string, string>> Make(IReadOnlyList<string> keys, CancellationToken token) =>
        new(keys.ToDictionary(key => key, _ => "made " + Interlocked.Increment(ref _factoryCalls)));
}
