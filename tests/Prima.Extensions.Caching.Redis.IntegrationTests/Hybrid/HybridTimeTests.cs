using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid;

/// <summary>An application with a clock of its own, which stands still until it is moved.</summary>
public sealed class HybridTimeTests
{
    private static readonly HybridCacheEntryOptions OnlyLocal = new() { Flags = HybridCacheEntryFlags.DisableDistributedCache };
    private static readonly HybridCacheEntryOptions TwoMinutes = new() { Expiration = TimeSpan.FromMinutes(2), LocalCacheExpiration = TimeSpan.FromMinutes(1) };

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task Entry_EndsByTheApplicationsClock_AndTheL1sNoLater()
    {
        await using var node = await OpenAsync();
        await node.Cache.SetAsync("key", "value", TwoMinutes);

        _time.Advance(TimeSpan.FromSeconds(45));
        Assert.True((await node.Cache.TryGetAsync<string>("key", OnlyLocal)).Found);

        _time.Advance(TimeSpan.FromSeconds(45));
        Assert.False((await node.Cache.TryGetAsync<string>("key", OnlyLocal)).Found);
        Assert.Equal("value", await node.Cache.GetOrCreateAsync("key", _ => new ValueTask<string>("new"), TwoMinutes));

        _time.Advance(TimeSpan.FromSeconds(45));
        Assert.Equal("new", await node.Cache.GetOrCreateAsync("key", _ => new ValueTask<string>("new"), TwoMinutes));
    }

    [Fact]
    public async Task Entry_MadeAfterTheClockWasMoved_LivesAsLong()
    {
        await using var node = await OpenAsync();
        for (var life = 1; life <= 3; life++)
        {
            await node.Cache.SetAsync("key", life, TwoMinutes);

            _time.Advance(TimeSpan.FromSeconds(90));
            Assert.Equal(life, (await node.Cache.TryGetAsync<int>("key")).Value);

            _time.Advance(TimeSpan.FromSeconds(90));
            Assert.False((await node.Cache.TryGetAsync<int>("key")).Found);
        }
    }

    [Fact]
    public async Task TagRemoval_WhileTheClockStands_Returns_AndWhatIsMadeAfterItStays()
    {
        await using var node = await OpenAsync();
        await node.Cache.SetAsync("key", "old", tags: ["ward"]);

        await node.Cache.RemoveByTagAsync("ward").AsTask().WaitAsync(HybridNode.Deadline);

        Assert.Equal("new", await node.Cache.GetOrCreateAsync("key", _ => new ValueTask<string>("new"), tags: ["ward"]));
        Assert.Equal("new", await node.Cache.GetOrCreateAsync("key", _ => new ValueTask<string>("newer"), tags: ["ward"]));
    }

    private async Task<HybridNode> OpenAsync() =>
        await HybridNode.OpenAsync((await SharedServers.GetProcessAsync()).Configuration, Guid.NewGuid().ToString("N") + ":", build: builder => builder.Services.AddSingleton<TimeProvider>(_time));
}
