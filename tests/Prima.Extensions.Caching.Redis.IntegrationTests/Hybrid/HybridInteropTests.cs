using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid;

/// <summary>Nodes on Microsoft's HybridCache, over Microsoft's provider, and nodes on this one share a Redis.</summary>
public sealed class HybridInteropTests : IAsyncDisposable
{
    private static readonly HybridCacheEntryOptions InRedis = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };

    private readonly string _instance = Guid.NewGuid().ToString("N") + ":";
    private readonly List<ServiceProvider> _microsofts = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var services in _microsofts)
        {
            await services.DisposeAsync();
        }
    }

    [Fact]
    public async Task Entries_OfBoth_AreReadByBoth()
    {
        var server = await SharedServers.GetProcessAsync();
        var theirs = Microsoft(server.Configuration);
        await using var ours = await HybridNode.OpenAsync(server.Configuration, _instance);

        await AreReadAsync(theirs, ours.Cache, "theirs");
        await AreReadAsync(ours.Cache, theirs, "ours");
    }

    [Fact]
    public async Task Objects_OfBoth_AreReadByBoth_WhereBothUseJson()
    {
        var server = await SharedServers.GetProcessAsync();
        var theirs = Microsoft(server.Configuration);
        await using var ours = await HybridNode.OpenAsync(server.Configuration, _instance);
        await theirs.SetAsync("theirs", new Visit { Ward = "surgery", Beds = [1, 2] });
        await ours.Cache.SetAsync("ours", new Visit { Ward = "intensive", Beds = [3] });

        Assert.Equal("surgery", (await ours.Cache.TryGetAsync<Visit>("theirs", InRedis)).Value!.Ward);
        Assert.Equal(3, Assert.Single((await GetAsync<Visit>(theirs, "ours"))!.Beds!));
    }

    [Fact]
    public async Task ValuesWithoutContract_OfBoth_AreReadByBoth()
    {
        var server = await SharedServers.GetProcessAsync();
        var theirs = Microsoft(server.Configuration);
        await using var ours = await HybridNode.OpenAsync(server.Configuration, _instance);
        var id = Guid.NewGuid();

        foreach (var (writer, reader) in new (HybridCache, HybridCache)[] { (theirs, ours.Cache), (ours.Cache, theirs) })
        {
            await writer.SetAsync("number", 7);
            await writer.SetAsync("id", id);
            await writer.SetAsync("list", new List<int> { 1, 2 });
            await writer.SetAsync("pair", (7, "surgery"));

            Assert.Equal(7, await GetAsync<int>(reader, "number"));
            Assert.Equal(id, await GetAsync<Guid>(reader, "id"));
            Assert.Equal([1, 2], (await GetAsync<List<int>>(reader, "list"))!);
            Assert.Equal((7, "surgery"), await GetAsync<(int, string)>(reader, "pair"));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(-1)]
    [InlineData(123456)]
    public async Task Numbers_OfAnotherSerializer_AreMisses_AndNeverOtherNumbers(int number)
    {
        var server = await SharedServers.GetProcessAsync();
        var theirs = Microsoft(server.Configuration);
        await using var ours = await HybridNode.OpenAsync(server.Configuration, _instance, static options => options.SerializeWithoutContracts = true);
        await theirs.SetAsync("theirs", number);
        await ours.Cache.SetAsync("ours", number);

        Assert.False((await ours.Cache.TryGetAsync<int>("theirs")).Found);
        Assert.Equal(number, (await ours.Cache.TryGetAsync<int>("ours", InRedis)).Value);
        await Assert.ThrowsAsync<System.Text.Json.JsonException>(() => GetAsync<int>(theirs, "ours").AsTask());
    }

    [Theory, InlineData("ward"), InlineData("*")]
    public async Task TagRemoval_OfTheirs_HoldsForOurs(string removed)
    {
        var server = await SharedServers.GetProcessAsync();
        var theirs = Microsoft(server.Configuration);
        await using var ours = await HybridNode.OpenAsync(server.Configuration, _instance);
        await theirs.SetAsync("theirs", "old", tags: ["ward", "a"]);
        await ours.Cache.SetAsync("ours", "old", tags: ["ward", "b"]);
        await ours.VerifiedAsync();
        await Poll.UntilAsync("read by ours", HybridNode.Deadline, async () => (await ours.Cache.TryGetAsync<string>("theirs")).Found);

        // Their clock must be past the creation times, as their stamps are of their own clock.
        await theirs.RemoveByTagAsync(removed);

        await Poll.UntilAsync("gone from ours", HybridNode.Deadline, async () =>
            !(await ours.Cache.TryGetAsync<string>("theirs")).Found && !(await ours.Cache.TryGetAsync<string>("ours")).Found);
    }

    [Theory, InlineData("ward"), InlineData("*")]
    public async Task TagRemoval_OfOurs_HoldsForTheirs(string removed)
    {
        var server = await SharedServers.GetProcessAsync();
        await using var ours = await HybridNode.OpenAsync(server.Configuration, _instance);
        await ours.Cache.SetAsync("key", "old", tags: ["ward"]);
        await ours.Cache.RemoveByTagAsync(removed);

        // A node of theirs reads a stamp once and never again, so it is one that starts now. What it reads before it has the stamp of everything, it takes for valid.
        var theirs = Microsoft(server.Configuration);
        await theirs.SetAsync("other", "value");
        Assert.Equal("made", await theirs.GetOrCreateAsync("key", _ => new ValueTask<string>("made")));
    }

    private static async Task AreReadAsync(HybridCache writer, HybridCache reader, string prefix)
    {
        await writer.SetAsync(prefix + ":text", "grün", tags: ["b", "a"]);
        await writer.SetAsync(prefix + ":bytes", new byte[] { 1, 2, 3 });
        await writer.GetOrCreateAsync(prefix + ":made", _ => new ValueTask<string>("made"), tags: ["a"]);

        Assert.Equal("grün", await GetAsync<string>(reader, prefix + ":text"));
        Assert.Equal(new byte[] { 1, 2, 3 }, await GetAsync<byte[]>(reader, prefix + ":bytes"));
        await Poll.UntilAsync("the factory's value is there", HybridNode.Deadline, async () => await GetAsync<string>(reader, prefix + ":made") == "made");
    }

    private static ValueTask<T?> GetAsync<T>(HybridCache cache, string key) =>
        cache.GetOrCreateAsync<T?>(key, _ => default, new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData | HybridCacheEntryFlags.DisableLocalCache });

    private HybridCache Microsoft(string configuration)
    {
        var services = new ServiceCollection();
        services.AddStackExchangeRedisCache(options =>
        {
            options.Configuration = configuration;
            options.InstanceName = _instance;
        });
        services.AddHybridCache();
        _microsofts.Add(services.BuildServiceProvider());
        return _microsofts[^1].GetRequiredService<HybridCache>();
    }

    public sealed class Visit
    {
        public string? Ward { get; set; }

        public int[]? Beds { get; set; }
    }
}
