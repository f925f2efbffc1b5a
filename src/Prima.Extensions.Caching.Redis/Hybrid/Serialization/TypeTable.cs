using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Prima.Extensions.Caching.Redis.Hybrid.Serialization;

/// <summary>Chooses, once for each type, how its values are kept.</summary>
/// <remarks>
/// The serializer is the first of these that there is: the one registered for the type; that of a registered factory, the last registered first; MessagePack's, for
/// types with contracts; JSON as Microsoft's HybridCache has it.
/// </remarks>
internal sealed class TypeTable
{
    private readonly ConcurrentDictionary<Type, object> _handlings = new();
    private readonly IServiceProvider _services;
    private readonly HashSet<Type> _sharedTypes;
    private readonly IHybridCacheSerializerFactory[] _factories;

    public TypeTable(IServiceProvider services, PrimaHybridCacheOptions options)
    {
        _services = services;
        _sharedTypes = options.SharedTypes.ToHashSet();
        var registered = services.GetServices<IHybridCacheSerializerFactory>().Reverse().ToLookup(IsMicrosofts);
        _factories = [.. registered[false], new DefaultMessagePackFactory(options.SerializeWithoutContracts), .. registered[true]];
    }

    public TypeHandling<T> Of<T>() => (TypeHandling<T>)(_handlings.TryGetValue(typeof(T), out var handling) ? handling : _handlings.GetOrAdd(typeof(T), Create<T>()));

    // AddHybridCache registers a factory that takes every type: it comes last.
    private static bool IsMicrosofts(IHybridCacheSerializerFactory factory) => factory.GetType().Assembly == typeof(HybridCacheOptions).Assembly;

    private TypeHandling<T> Create<T>() => new(Serializer<T>(), ImmutableTypes.IsImmutable<T>() || _sharedTypes.Contains(typeof(T)));

    private IHybridCacheSerializer<T> Serializer<T>()
    {
        if (_services.GetService<IHybridCacheSerializer<T>>() is { } registered)
        {
            return registered;
        }

        foreach (var factory in _factories)
        {
            if (factory.TryCreateSerializer<T>(out var serializer))
            {
                return serializer;
            }
        }

        throw new InvalidOperationException($"No serializer for {typeof(T)} is registered. See AddSerializer and AddSerializerFactory.");
    }
}
