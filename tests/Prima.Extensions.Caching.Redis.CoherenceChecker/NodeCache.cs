using Microsoft.Extensions.DependencyInjection;
using Prima.Extensions.Caching.Redis.CoherenceChecker.Unguarded;
using Prima.Extensions.Caching.Redis.Connections;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.CoherenceChecker;

/// <summary>The caches that can be checked.</summary>
public static class NodeCache
{
    /// <summary>Microsoft's HybridCache over our distributed cache: known not to be coherent, so that the checker has something to find.</summary>
    public const string Microsoft = "microsoft";

    /// <summary>PrimaHybridCache.</summary>
    public const string Prima = "prima";

    /// <summary>The same with the channel in place of tracking.</summary>
    public const string PrimaOnChannel = "prima-channel";

    /// <summary>Half of the nodes each.</summary>
    public const string PrimaMixed = "prima-mixed";

    /// <summary>Services with a HybridCache.</summary>
    public static ServiceProvider Create(NodeSettings settings)
    {
        var services = new ServiceCollection();
        var builder = services.AddPrimaRedisCache(options => Configure(options, settings));
        if (settings.Cache == Microsoft)
        {
            services.AddHybridCache().AddSerializer(new SlowSerializer(settings.SlowValues));
            return services.BuildServiceProvider();
        }

        if (settings.WithoutGuard.Length > 0)
        {
            services.AddSingleton(provider => UnguardedCache.Create(provider, settings.WithoutGuard));
        }

        // Within the bound that is checked: an outage is a staleness that is chosen.
        builder.AddPrimaHybridCache(static options => options.OutageLocalExpiration = TimeSpan.FromSeconds(1)).AddSerializer(new SlowSerializer(settings.SlowValues));
        return services.BuildServiceProvider();
    }

    private static void Configure(PrimaRedisCacheOptions options, NodeSettings settings)
    {
        options.InstanceName = settings.InstanceName;
        options.FailureMode = FailureMode.Throw;
        options.CommandTimeout = TimeSpan.FromSeconds(1);
        options.ConnectTimeout = TimeSpan.FromSeconds(2);
        if (settings.Cache == PrimaOnChannel || (settings.Cache == PrimaMixed && settings.Node % 2 == 0))
        {
            // Tracking needs connections that it can make itself.
            options.ConnectionMultiplexerFactory = async () => await ConnectionMultiplexer.ConnectAsync(ServerConfiguration.Resolve(new() { Configuration = settings.Configuration, CommandTimeout = options.CommandTimeout }, static _ => null));
        }
        else
        {
            options.Configuration = settings.Configuration;
        }
    }
}
