using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Interop;

/// <summary>Microsoft's HybridCache, as <c>AddHybridCache()</c> alone makes it, over this library's <c>IBufferDistributedCache</c>.</summary>
public sealed class MicrosoftHybridCacheTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly HybridCacheEntryOptions InRedis = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };
    private static readonly HybridCacheEntryOptions OnlyRead = new() { Flags = HybridCacheEntryFlags.DisableLocalCache | HybridCacheEntryFlags.DisableUnderlyingData };

    private readonly string _instance = Guid.NewGuid().ToString("N") + ":";

    [Theory, InlineData(EntryLayout.Hash), InlineData(EntryLayout.String)]
    public async Task Entry_OfOneNode_IsReadByAnother(EntryLayout layout)
    {
        await using var writing = await OpenAsync(layout);
        await using var reading = await OpenAsync(layout);
        var (writer, reader) = (Hybrid(writing), Hybrid(reading));

        await writer.SetAsync("set", "grün", tags: ["b", "a"]);
        await writer.SetAsync("visit", new Visit { Ward = "surgery" });
        await writer.SetAsync("large", new byte[100_000]);
        await writer.GetOrCreateAsync("made", _ => new ValueTask<string>("made"));

        Assert.Equal("grün", await GetAsync<string>(reader, "set"));
        Assert.Equal("surgery", (await GetAsync<Visit>(reader, "visit"))!.Ward);
        Assert.Equal(100_000, (await GetAsync<byte[]>(reader, "large"))!.Length);
        await Poll.UntilAsync("the factory's value is there", Deadline, async () => await GetAsync<string>(reader, "made") == "made");
    }

    [Theory, InlineData(EntryLayout.Hash), InlineData(EntryLayout.String)]
    public async Task Entry_Removed_IsMadeAnew(EntryLayout layout)
    {
        await using var services = await OpenAsync(layout);
        var hybrid = Hybrid(services);
        await hybrid.SetAsync("key", "old");

        await hybrid.RemoveAsync("key");

        Assert.Null(await services.GetRequiredService<PrimaRedisCache>().GetAsync("key"));
        Assert.Equal("new", await hybrid.GetOrCreateAsync("key", _ => new ValueTask<string>("new")));
    }

    [Theory, InlineData(EntryLayout.Hash, "ward"), InlineData(EntryLayout.String, "ward"), InlineData(EntryLayout.Hash, "*"), InlineData(EntryLayout.String, "*")]
    public async Task Tag_Removed_HoldsForANodeThatStartsLater(EntryLayout layout, string removed)
    {
        await using var services = await OpenAsync(layout);
        await Hybrid(services).SetAsync("key", "old", tags: ["ward"]);
        await Hybrid(services).RemoveByTagAsync(removed);
        await using var later = await OpenAsync(layout);

        // What a node of theirs reads before it has the stamp of everything, it takes for valid.
        await Hybrid(later).SetAsync("other", "value");

        Assert.Equal("new", await Hybrid(later).GetOrCreateAsync("key", _ => new ValueTask<string>("new"), InRedis, ["ward"]));
    }

    [Theory, InlineData(EntryLayout.Hash), InlineData(EntryLayout.String)]
    public async Task Entry_Expired_IsMadeAnew(EntryLayout layout)
    {
        await using var services = await OpenAsync(layout);
        await Hybrid(services).SetAsync("key", "old", new() { Expiration = TimeSpan.FromMilliseconds(200) });

        await Poll.UntilAsync("expired", Deadline, async () => await GetAsync<string>(Hybrid(services), "key") is null);
    }

    [Theory, InlineData(EntryLayout.Hash), InlineData(EntryLayout.String)]
    public async Task Outage_OfRedis_LeavesFactoriesAndTheL1(EntryLayout layout)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var services = Open(server.Configuration, layout);
        await ConnectAsync(services);
        var hybrid = Hybrid(services);
        await hybrid.SetAsync("key", "value");
        await server.KillAsync();

        Assert.Equal("value", await hybrid.GetOrCreateAsync("key", _ => new ValueTask<string>("made")));
        Assert.Equal("made", await hybrid.GetOrCreateAsync("other", _ => new ValueTask<string>("made")));
        await hybrid.SetAsync("third", "value");
        await hybrid.RemoveAsync("third");
        await hybrid.RemoveByTagAsync("ward");
    }

    private static HybridCache Hybrid(ServiceProvider services) => services.GetRequiredService<HybridCache>();

    private static ValueTask<T?> GetAsync<T>(HybridCache cache, string key) => cache.GetOrCreateAsync<T?>(key, _ => default, OnlyRead);

    private static Task ConnectAsync(ServiceProvider services) =>
        Poll.UntilAsync("connected", Deadline, async () => await services.GetRequiredService<PrimaRedisCache>().PingAsync(CancellationToken.None) is not null);

    private async Task<ServiceProvider> OpenAsync(EntryLayout layout)
    {
        var services = Open((await SharedServers.GetStandaloneAsync()).Configuration, layout);
        await ConnectAsync(services);
        return services;
    }

    private ServiceProvider Open(string configuration, EntryLayout layout)
    {
        var services = new ServiceCollection();
        services.AddPrimaRedisCache(options => (options.Configuration, options.InstanceName, options.Layout) = (configuration, _instance, layout));
        services.AddHybridCache();
        var provider = services.BuildServiceProvider();
        Assert.IsNotType<PrimaHybridCache>(Hybrid(provider));
        return provider;
    }

    public sealed class Visit
    {
        public string? Ward { get; set; }
    }
}
