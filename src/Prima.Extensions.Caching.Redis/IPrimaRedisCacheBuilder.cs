using Microsoft.Extensions.DependencyInjection;

namespace Prima.Extensions.Caching.Redis;

/// <summary>What <c>AddPrimaRedisCache</c> returns, for the registrations that build on the cache.</summary>
public interface IPrimaRedisCacheBuilder
{
    /// <summary>The services that the cache was added to.</summary>
    IServiceCollection Services { get; }

    /// <summary>The key of a keyed cache, or <see langword="null"/>.</summary>
    object? ServiceKey { get; }

    /// <summary>The name of the cache's <see cref="PrimaRedisCacheOptions"/>.</summary>
    string OptionsName { get; }
}
