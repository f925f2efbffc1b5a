using Microsoft.Extensions.DependencyInjection;

namespace Prima.Extensions.Caching.Redis.CoherenceChecker;

/// <summary>The caches that can be checked.</summary>
public static class NodeCache
{
    /// <summary>Microsoft's HybridCache over our distributed cache: known not to be coherent, so that the checker has something to find.</summary>
    public const string Microsoft = "microsoft";

    /// <summary>Services with a HybridCache.</summary>
    public static ServiceProvider Create(NodeSettings settings)
    {
        var services = new ServiceCollection();
        services.AddPrimaRedisCache(options =>
        {
            options.Configuration = settings.Configuration;
            options.InstanceName = settings.InstanceName;
            options.FailureMode = FailureMode.Throw;
            options.CommandTimeout = TimeSpan.FromSeconds(1);
        });
        if (settings.Cache == Microsoft)
        {
            services.AddHybridCache();
        }

        return services.BuildServiceProvider();
    }
}
