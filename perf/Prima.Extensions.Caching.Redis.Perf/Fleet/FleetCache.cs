using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;
using Prima.Extensions.Caching.Redis.Perf.Rivals;

namespace Prima.Extensions.Caching.Redis.Perf.Fleet;

/// <summary>A cache that many nodes share.</summary>
/// <param name="Name">What it is called in the report.</param>
/// <param name="Prefix">What its keys begin with in Redis, where all of these are hashes with the entry in "data".</param>
/// <param name="OpenAsync">Makes a node, with the server's configuration and the prefix.</param>
/// <remarks>The packages of FusionCache's backplane and Redis locker are on no feed of this machine. A backplane tells nodes what nodes wrote; of foreign writes it does not tell.</remarks>
internal sealed record FleetCache(string Name, string Prefix, Func<string, string, Task<FleetNode>> OpenAsync)
{
    public const string Prima = "PrimaHybridCache";

    /// <summary>Without a first level: every read goes to Redis.</summary>
    public static FleetCache Plain { get; } = new("IDistributedCache (Prima Hash)", "fleet-plain:", static (server, prefix) =>
        Task.FromResult<FleetNode>(new PlainNode(new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = server, InstanceName = prefix, FailureMode = FailureMode.Throw }))));

    public static FleetCache PrimaHybrid { get; } = new(Prima, "fleet-prima:", static async (server, prefix) =>
    {
        var services = new ServiceCollection();
        services.AddPrimaRedisCache(options => (options.Configuration, options.InstanceName) = (server, prefix)).AddPrimaHybridCache();
        var node = new HybridNode(services.BuildServiceProvider());
        await node.UntilToldOfInvalidationsAsync();
        return node;
    });

    public static FleetCache MicrosoftHybrid { get; } = new(RivalNames.HybridOverMicrosoft, "fleet-microsoft:", static (server, prefix) =>
    {
        var services = new ServiceCollection();
        services.AddStackExchangeRedisCache(options => (options.Configuration, options.InstanceName) = (server, prefix));
        services.AddHybridCache();
        return Task.FromResult<FleetNode>(new HybridNode(services.BuildServiceProvider()));
    });

    public static FleetCache Fusion { get; } = new(RivalNames.Fusion, "fleet-fusion:", static (server, prefix) =>
        Task.FromResult<FleetNode>(new FusionNode(new RedisCache(new RedisCacheOptions { Configuration = server, InstanceName = prefix }))));

    /// <summary>Makes several nodes.</summary>
    public async Task<FleetNode[]> OpenManyAsync(string server, int count) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => OpenAsync(server, Prefix)));
}
