using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Prima.Extensions.Caching.Redis;
using Prima.Extensions.Caching.Redis.Connections;
using Prima.Extensions.Caching.Redis.DependencyInjection;
using Prima.Extensions.Caching.Redis.Diagnostics;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers <see cref="PrimaRedisCache"/>.</summary>
/// <remarks>
/// One singleton answers for <see cref="PrimaRedisCache"/>, <see cref="IDistributedCache"/>, <see cref="IBufferDistributedCache"/> and
/// <see cref="IBatchCache"/>; of several
/// registrations of a distributed cache the last one wins. Options that are not valid stop the application's start. Whether Redis can be reached does not.
/// </remarks>
public static class PrimaRedisCacheServiceCollectionExtensions
{
    /// <summary>Adds the cache, configured by the section <c>PrimaRedisCache</c> of the application's configuration, or else by environment variables.</summary>
    /// <param name="services">The services to add to.</param>
    /// <returns>A builder for what goes with the cache.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static IPrimaRedisCacheBuilder AddPrimaRedisCache(this IServiceCollection services) =>
        services.AddPrimaRedisCache(static (_, _) => { });

    /// <summary>Adds the cache. What <paramref name="configure"/> leaves open comes from the section <c>PrimaRedisCache</c>, or else from environment variables.</summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="configure">Sets the options.</param>
    /// <inheritdoc cref="AddPrimaRedisCache(IServiceCollection)"/>
    public static IPrimaRedisCacheBuilder AddPrimaRedisCache(this IServiceCollection services, Action<PrimaRedisCacheOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddPrimaRedisCache((options, _) => configure(options));
    }

    /// <inheritdoc cref="AddPrimaRedisCache(IServiceCollection, Action{PrimaRedisCacheOptions})"/>
    /// <param name="services">The services to add to.</param>
    /// <param name="configure">Sets the options, with the application's services at hand.</param>
    public static IPrimaRedisCacheBuilder AddPrimaRedisCache(this IServiceCollection services, Action<PrimaRedisCacheOptions, IServiceProvider> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        AddOptions(services, Options.Options.DefaultName, configure);
        services.TryAddSingleton(provider => Create(provider, Options.Options.DefaultName, Options.Options.DefaultName));
        services.AddSingleton<IDistributedCache>(static provider => provider.GetRequiredService<PrimaRedisCache>());
        services.AddSingleton<IBufferDistributedCache>(static provider => provider.GetRequiredService<PrimaRedisCache>());
        services.AddSingleton<IBatchCache>(static provider => provider.GetRequiredService<PrimaRedisCache>());
        return new PrimaRedisCacheBuilder(services, ServiceKey: null, Options.Options.DefaultName);
    }

    /// <summary>Adds the cache. What <paramref name="configuration"/> leaves open comes from the section <c>PrimaRedisCache</c>, or else from environment variables.</summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="configuration">A section with the options, or a configuration that has them in its section <c>PrimaRedisCache</c>.</param>
    /// <inheritdoc cref="AddPrimaRedisCache(IServiceCollection)"/>
    public static IPrimaRedisCacheBuilder AddPrimaRedisCache(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection(ConfigurationSettings.SectionName);
        return services.AddPrimaRedisCache((options, _) => ConfigurationSettings.Apply(section.Exists() ? section : configuration, options));
    }

    /// <summary>Adds a further cache under a key, with a singleton, options and connections of its own.</summary>
    /// <remarks>Its options have the name <paramref name="serviceKey"/> if that is a string with at least one character; see <see cref="IPrimaRedisCacheBuilder.OptionsName"/>.</remarks>
    /// <param name="services">The services to add to.</param>
    /// <param name="serviceKey">The key for <c>[FromKeyedServices]</c> and <c>GetRequiredKeyedService</c>.</param>
    /// <param name="configure">Sets the options. What it leaves open comes from the section <c>PrimaRedisCache</c>, or else from environment variables.</param>
    /// <inheritdoc cref="AddPrimaRedisCache(IServiceCollection)"/>
    public static IPrimaRedisCacheBuilder AddKeyedPrimaRedisCache(this IServiceCollection services, object serviceKey, Action<PrimaRedisCacheOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(serviceKey);
        ArgumentNullException.ThrowIfNull(configure);

        var name = KeyedOptionsName.For(services, serviceKey);
        AddOptions(services, name, (options, _) => configure(options));
        services.TryAddKeyedSingleton(serviceKey, (provider, key) => Create(provider, name, $"{key}"));
        services.AddKeyedSingleton<IDistributedCache>(serviceKey, static (provider, key) => provider.GetRequiredKeyedService<PrimaRedisCache>(key));
        services.AddKeyedSingleton<IBufferDistributedCache>(serviceKey, static (provider, key) => provider.GetRequiredKeyedService<PrimaRedisCache>(key));
        services.AddKeyedSingleton<IBatchCache>(serviceKey, static (provider, key) => provider.GetRequiredKeyedService<PrimaRedisCache>(key));
        return new PrimaRedisCacheBuilder(services, serviceKey, name);
    }

    private static void AddOptions(IServiceCollection services, string name, Action<PrimaRedisCacheOptions, IServiceProvider> configure)
    {
        services.TryAddSingleton(static provider => new CacheMetrics(provider.GetService<IMeterFactory>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PrimaRedisCacheOptions>, PrimaRedisCacheOptionsValidator>());
        services.AddOptions<PrimaRedisCacheOptions>(name)
            .Configure<IServiceProvider>((options, provider) =>
            {
                if (provider.GetService<IConfiguration>() is { } configuration)
                {
                    ConfigurationSettings.Apply(configuration.GetSection(ConfigurationSettings.SectionName), options);
                }

                configure(options, provider);
            })
            .ValidateOnStart();
    }

    /// <param name="provider">The application's services.</param>
    /// <param name="optionsName">The name of its options.</param>
    /// <param name="cacheName">Its name in metrics and traces: the key, also where that is no string, because the options' name then differs from process to process.</param>
    private static PrimaRedisCache Create(IServiceProvider provider, string optionsName, string cacheName) =>
        new(
            provider.GetRequiredService<IOptionsMonitor<PrimaRedisCacheOptions>>().Get(optionsName),
            cacheName,
            provider.GetRequiredService<CacheMetrics>(),
            provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance,
            provider.GetService<TimeProvider>() ?? TimeProvider.System);
}
