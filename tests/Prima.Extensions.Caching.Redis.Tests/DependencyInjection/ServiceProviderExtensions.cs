using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Prima.Extensions.Caching.Redis.Tests.DependencyInjection;

internal static class ServiceProviderExtensions
{
    /// <summary>The validated options of the cache called <paramref name="name"/>.</summary>
    public static PrimaRedisCacheOptions CacheOptions(this IServiceProvider provider, string name = "") =>
        provider.GetRequiredService<IOptionsMonitor<PrimaRedisCacheOptions>>().Get(name);

    /// <summary>Adds a configuration of lines such as <c>PrimaRedisCache:Layout=String</c>.</summary>
    public static IServiceCollection AddConfiguration(this IServiceCollection services, params string[] lines) =>
        services.AddSingleton(Configuration(lines));

    public static IConfiguration Configuration(params string[] lines) =>
        new ConfigurationBuilder().AddInMemoryCollection(lines.Select(line => line.Split('=', 2)).ToDictionary(parts => parts[0], string? (parts) => parts[1])).Build();
}
