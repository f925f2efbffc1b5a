using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid;

/// <summary>What one node does for its callers.</summary>
public sealed class PrimaHybridCacheTests
{
    private static readonly HybridCacheEntryOptions OnlyInRedis = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };
    private static readonly AsyncLocal<string?> Ambient = new();

    private readonly string _instance = Guid.NewGuid().ToString("N") + ":";
    private int _factoryCalls;

    [Fact]
    public async Task Many_AreReadAndMadeByOneCall()
    {
        await using var node = await OpenAsync();
        await node.Cache.SetManyAsync([KeyValuePair.Create("a", "A"), KeyValuePair.Create("b", "B")]);
        var asked = new List<string>();

        var all = await node.Cache.GetOrCreateManyAsync(["a", "b", "c", "d", "c"], (keys, _) =>
        {
            _factoryCalls++;
            asked.AddRange(keys);
            return new ValueTask<IReadOnlyDictionary<string, string>>(new Dictionary<string, string> { ["c"] = "C" });
        });

        Assert.Equal(1, _factoryCalls);
        Assert.Equal(["c", "d"], asked.Order());
        Assert.Equal(["A", "B", "C"], all.OrderBy(pair => pair.Key).Select(pair => pair.Value));
        Assert.Equal(["a", "b", "c"], (await node.Cache.GetManyAsync<string>(["a", "b", "c", "d"], OnlyInRedis)).Keys.Order());

        await node.Cache.RemoveAsync(["a", "c"]);
        Assert.Equal(["b"], (await node.Cache.GetManyAsync<string>(["a", "b", "c", "d"])).Keys);
    }

    [Fact]
    public async Task Many_ThatAreMissing_CanBeMadeAgain_AfterTheFactoryFailed()
    {
        await using var node = await OpenAsync();
        await Assert.ThrowsAsync<InvalidDataException>(() => node.Cache.GetOrCreateManyAsync<string>(["a", "b"], (_, _) => throw new InvalidDataException()).AsTask());

        var all = await node.Cache.GetOrCreateManyAsync(["a", "b"], (keys, _) => new ValueTask<IReadOnlyDictionary<string, string>>(keys.ToDictionary(key => key)));

        Assert.Equal(2, all.Count);
    }

    [Fact]
    public async Task SameKey_WithOtherStates_SharesOneFactory_AndWithOtherTypes_DoesNot()
    {
        await using var node = await OpenAsync();
        var go = new TaskCompletionSource();
        async ValueTask<string> Make()
        {
            Interlocked.Increment(ref _factoryCalls);
            await go.Task;
            return "made";
        }

        var one = node.Cache.GetOrCreateAsync("key", _ => Make()).AsTask();
        var two = node.Cache.GetOrCreateAsync("key", 7, (_, _) => Make()).AsTask();
        var number = node.Cache.GetOrCreateAsync("key", _ => new ValueTask<int>(7), new() { Flags = HybridCacheEntryFlags.DisableDistributedCache }).AsTask();
        go.SetResult();

        Assert.Equal(["made", "made"], await Task.WhenAll(one, two));
        Assert.Equal(7, await number);
        Assert.Equal(1, _factoryCalls);
    }

    [Fact]
    public async Task Caller_WhoLeaves_LeavesTheOthersTheirValue_AndTheLastOneEndsTheFactory()
    {
        await using var node = await OpenAsync();
        var (started, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        async ValueTask<string> Make(CancellationToken token)
        {
            token.Register(cancelled.SetResult);
            started.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
            return "never";
        }

        var one = node.Cache.GetOrCreateAsync("key", Make, cancellationToken: first.Token).AsTask();
        await started.Task.WaitAsync(HybridNode.Deadline);
        var two = node.Cache.GetOrCreateAsync("key", Make, cancellationToken: second.Token).AsTask();

        await first.CancelAsync();
        Assert.Equal(first.Token, (await Assert.ThrowsAsync<OperationCanceledException>(() => one)).CancellationToken);
        Assert.False(cancelled.Task.IsCompleted);
        await second.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => two);
        await cancelled.Task.WaitAsync(HybridNode.Deadline);
    }

    [Fact]
    public async Task Factory_SeesTheCallersContext()
    {
        await using var node = await OpenAsync();
        using var source = new CancellationTokenSource();
        Ambient.Value = "caller";

        Assert.Equal("caller", await node.Cache.GetOrCreateAsync("key", _ => new ValueTask<string?>(Ambient.Value), cancellationToken: source.Token));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Null_IsCached_IfWanted(bool cachesNulls)
    {
        await using var node = await OpenAsync(options => options.CacheNulls = cachesNulls);
        for (var i = 0; i < 2; i++)
        {
            Assert.Null(await node.Cache.GetOrCreateAsync("key", _ =>
            {
                _factoryCalls++;
                return new ValueTask<Visit?>((Visit?)null);
            }));
        }

        Assert.Equal(cachesNulls ? 1 : 2, _factoryCalls);
        Assert.Equal(cachesNulls, (await node.Cache.TryGetAsync<Visit>("key", OnlyInRedis)).Found);
    }

    [Fact]
    public async Task MutableValues_AreIsolated_AndSharedOnesAreNot()
    {
        await using var node = await OpenAsync(options => options.SharedTypes.Add(typeof(Poster)));
        var made = await node.Cache.GetOrCreateAsync("visit", _ => new ValueTask<Visit>(new Visit { Ward = "surgery" }));
        made.Ward = "changed";
        await node.Cache.SetAsync("shared", new Poster());
        await node.VerifiedAsync();

        Assert.Equal("surgery", (await node.Cache.TryGetAsync<Visit>("visit")).Value!.Ward);
        Assert.Same((await node.Cache.TryGetAsync<Poster>("shared")).Value, (await node.Cache.TryGetAsync<Poster>("shared")).Value);
    }

    [Fact]
    public async Task Flags_AreHonoured()
    {
        await using var node = await OpenAsync();
        await node.Cache.SetAsync("redis", "value", OnlyInRedis);
        await node.Cache.SetAsync("local", "value", new() { Flags = HybridCacheEntryFlags.DisableDistributedCache });

        Assert.False(node.Cache.Local.TryGet("redis", out _));
        Assert.True(node.Cache.Local.TryGet("local", out _));
        Assert.Null(await node.Redis.GetAsync("local"));
        Assert.Null(await node.Cache.GetOrCreateAsync("none", _ => new ValueTask<string?>("made"), new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData }));
        Assert.Equal("made", await node.Cache.GetOrCreateAsync("redis", _ => new ValueTask<string>("made"), new() { Flags = HybridCacheEntryFlags.DisableDistributedCacheRead }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("rubbish")]
    [InlineData("0301")]
    public async Task Rubbish_UnderAKey_IsAMiss_AndIsReplaced(string rubbish)
    {
        await using var node = await OpenAsync();
        await node.Redis.SetAsync("key", System.Text.Encoding.UTF8.GetBytes(rubbish), new());

        Assert.False((await node.Cache.TryGetAsync<string>("key")).Found);
        Assert.Equal("made", await node.Cache.GetOrCreateAsync("key", _ => new ValueTask<string>("made")));
        await Poll.UntilAsync("replaced", HybridNode.Deadline, async () => (await node.Cache.TryGetAsync<string>("key", OnlyInRedis)).Value == "made");
    }

    [Fact]
    public async Task SetAsync_ThatCannotBeSerialized_Throws() =>
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var node = await OpenAsync();
            await node.Cache.SetAsync("key", new Endless());
        });

    [Fact]
    public async Task LocalHit_AllocatesNothing()
    {
        await using var node = await OpenAsync();
        await node.Cache.SetAsync("patient:7", "value");
        await node.VerifiedAsync();
        var characters = "patient:7".ToCharArray();
        Func<int, CancellationToken, ValueTask<string>> factory = static (_, _) => throw new InvalidOperationException("Not in L1.");
        for (var i = 0; i < 100; i++)
        {
            Read();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Read();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Read()
        {
            IsComplete(node.Cache.GetOrCreateAsync("patient:7", 0, factory));
            IsComplete(node.Cache.GetOrCreateAsync(characters.AsSpan(), 0, factory));
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Registration_ReplacesMicrosofts(bool before)
    {
        var services = new ServiceCollection();
        if (before)
        {
            services.AddHybridCache();
        }

        services.AddPrimaRedisCache(options => options.Configuration = "127.0.0.1:1").AddPrimaHybridCache();
        if (!before)
        {
            services.AddHybridCache();
        }

        await using var provider = services.BuildServiceProvider();
        Assert.Same(provider.GetRequiredService<PrimaHybridCache>(), Assert.Single(provider.GetServices<HybridCache>()));
    }

    [Fact]
    public async Task Registration_Keyed_HasAnL1OfItsOwn()
    {
        var server = await SharedServers.GetProcessAsync();
        var services = new ServiceCollection();
        services.AddKeyedPrimaRedisCache("a", options => (options.Configuration, options.InstanceName) = (server.Configuration, _instance + "a:")).AddPrimaHybridCache();
        services.AddKeyedPrimaRedisCache("b", options => (options.Configuration, options.InstanceName) = (server.Configuration, _instance + "b:")).AddPrimaHybridCache();
        await using var provider = services.BuildServiceProvider();
        var (a, b) = (provider.GetRequiredKeyedService<HybridCache>("a"), provider.GetRequiredKeyedService<PrimaHybridCache>("b"));

        await a.SetAsync("key", "of a");

        Assert.False((await b.TryGetAsync<string>("key")).Found);
        Assert.Same(a, provider.GetRequiredKeyedService<PrimaHybridCache>("a"));
    }

    private static void IsComplete(ValueTask<string> read) => Assert.True(read.IsCompletedSuccessfully);

    private async Task<HybridNode> OpenAsync(Action<PrimaHybridCacheOptions>? configure = null) =>
        await HybridNode.OpenAsync((await SharedServers.GetProcessAsync()).Configuration, _instance, configure);

    public sealed class Visit
    {
        public string? Ward { get; set; }
    }

    public sealed class Poster;

    public sealed class Endless
    {
        public Endless Self => this;
    }
}
