using Microsoft.Extensions.DependencyInjection;

namespace Prima.Extensions.Caching.Redis.DependencyInjection;

internal sealed record PrimaRedisCacheBuilder(IServiceCollection Services, object? ServiceKey, string OptionsName) : IPrimaRedisCacheBuilder;
