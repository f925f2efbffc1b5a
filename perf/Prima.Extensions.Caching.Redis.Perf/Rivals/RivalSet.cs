using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Perf.Rivals;

/// <summary>All rivals on one server, each with keys and a connection of its own.</summary>
internal sealed class RivalSet : IAsyncDisposable
{
    private readonly string _configuration;
    private TwoLevelRivals? _twoLevel;

    private RivalSet(string configuration, IReadOnlyList<Rival> all)
    {
        _configuration = configuration;
        All = all;
    }

    public IReadOnlyList<Rival> All { get; }

    public DistributedCacheRival Hash => (DistributedCacheRival)this[RivalNames.Hash];

    public DistributedCacheRival String => (DistributedCacheRival)this[RivalNames.String];

    public DistributedCacheRival Microsoft => (DistributedCacheRival)this[RivalNames.Microsoft];

    public RawRival Raw => (RawRival)this[RivalNames.Raw];

    private Rival this[string name] => All.First(rival => rival.Name == name);

    /// <summary>Those that an application registers as its <c>IDistributedCache</c>, by name, and how to make one.</summary>
    public static IReadOnlyList<(string Name, Func<string, DistributedCacheRival> Create)> Providers { get; } =
    [
        (RivalNames.Hash, static configuration => Prima(RivalNames.Hash, configuration, EntryLayout.Hash)),
        (RivalNames.String, static configuration => Prima(RivalNames.String, configuration, EntryLayout.String)),
        (RivalNames.Microsoft, static configuration => new(RivalNames.Microsoft, Provider(configuration, "microsoft:"))),
    ];

    /// <param name="configuration">The server.</param>
    /// <param name="isLocal">Whether those with a first level in the process may use it.</param>
    public static async Task<RivalSet> CreateAsync(string configuration, bool isLocal = false) => new(configuration,
    [
        .. Providers.Select(provider => provider.Create(configuration)),
        new RawRival("raw:", await ConnectionMultiplexer.ConnectAsync(configuration)),
        new HybridCacheRival(RivalNames.HybridOverMicrosoft, services => services.AddStackExchangeRedisCache(options => (options.Configuration, options.InstanceName) = (configuration, "hybrid:")), isLocal),
        new HybridCacheRival(RivalNames.HybridOverPrima, services => AddPrima(services, configuration, "hybrid-prima:"), isLocal),
        new HybridCacheRival(RivalNames.PrimaHybrid, services => AddPrima(services, configuration, "prima-hybrid:").AddPrimaHybridCache(), isLocal),
        new FusionCacheRival(RivalNames.Fusion, Provider(configuration, "fusion:"), isLocal),
    ]);

    /// <summary>Those with an L1, as they come; made when they are asked for.</summary>
    public async Task<TwoLevelRivals> TwoLevelAsync() => _twoLevel ??= await TwoLevelRivals.CreateAsync(_configuration);

    public async ValueTask DisposeAsync()
    {
        if (_twoLevel is not null)
        {
            await _twoLevel.DisposeAsync();
        }

        foreach (var rival in All)
        {
            await rival.DisposeAsync();
        }
    }

    // A fault must not pass for speed.
    private static IPrimaRedisCacheBuilder AddPrima(IServiceCollection services, string configuration, string prefix) =>
        services.AddPrimaRedisCache(options => (options.Configuration, options.InstanceName, options.FailureMode) = (configuration, prefix, FailureMode.Throw));

    private static DistributedCacheRival Prima(string name, string configuration, EntryLayout layout) => new(name, new PrimaRedisCache(new PrimaRedisCacheOptions
    {
        Configuration = configuration,
        InstanceName = layout == EntryLayout.Hash ? "prima-hash:" : "prima-string:",
        Layout = layout,
        FailureMode = FailureMode.Throw,
    }));

    private static RedisCache Provider(string configuration, string prefix) => new(new RedisCacheOptions { Configuration = configuration, InstanceName = prefix });
}
