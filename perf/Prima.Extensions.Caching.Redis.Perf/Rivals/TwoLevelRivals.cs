using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;

namespace Prima.Extensions.Caching.Redis.Perf.Rivals;

/// <summary>The caches with an L1, on one server, each with keys and a connection of its own.</summary>
internal sealed class TwoLevelRivals : IAsyncDisposable
{
    private TwoLevelRivals(string configuration)
    {
        Prima = new(configuration);
        Microsoft = new(RivalNames.HybridOverMicrosoft, services => services
            .AddStackExchangeRedisCache(options => (options.Configuration, options.InstanceName) = (configuration, "two-level:"))
            .AddHybridCache());
        Fusion = new(new RedisCache(new RedisCacheOptions { Configuration = configuration, InstanceName = "two-level-fusion:" }));
    }

    public PrimaTwoLevelRival Prima { get; }

    public HybridTwoLevelRival Microsoft { get; }

    public FusionTwoLevelRival Fusion { get; }

    public IReadOnlyList<TwoLevelRival> All => [Prima, Microsoft, Fusion];

    public static async Task<TwoLevelRivals> CreateAsync(string configuration)
    {
        var rivals = new TwoLevelRivals(configuration);
        foreach (var rival in rivals.All)
        {
            await rival.ReadyAsync();
        }

        return rivals;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var rival in All)
        {
            await rival.DisposeAsync();
        }
    }
}
