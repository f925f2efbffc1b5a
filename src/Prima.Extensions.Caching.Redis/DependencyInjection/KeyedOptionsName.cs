using Microsoft.Extensions.DependencyInjection;

namespace Prima.Extensions.Caching.Redis.DependencyInjection;

/// <summary>The options' name of a keyed cache, remembered in the services for keys that have no name of their own.</summary>
internal sealed record KeyedOptionsName(object ServiceKey, string Name)
{
    public static string For(IServiceCollection services, object serviceKey)
    {
        if (serviceKey is string { Length: > 0 } name)
        {
            return name;
        }

        var known = services.Select(static service => service.IsKeyedService ? null : service.ImplementationInstance).OfType<KeyedOptionsName>()
            .FirstOrDefault(known => known.ServiceKey.Equals(serviceKey));
        if (known is null)
        {
            known = new(serviceKey, $"{serviceKey.GetType().FullName}:{Guid.NewGuid():N}");
            services.AddSingleton(known);
        }

        return known.Name;
    }
}
