using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Prima.Extensions.Caching.Redis.Hybrid.Serialization;

/// <summary>Which types cannot be changed by who holds an instance, by the rules of Microsoft's HybridCache.</summary>
internal static class ImmutableTypes
{
    public static bool IsImmutable<T>() =>
        !RuntimeHelpers.IsReferenceOrContainsReferences<T>() || typeof(T) == typeof(string) || IsDeclaredImmutable(Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T));

    // An unsealed class may have a derived one that can be changed.
    private static bool IsDeclaredImmutable(Type type) =>
        (type.IsValueType || type.IsSealed) && type.GetCustomAttribute<ImmutableObjectAttribute>() is { Immutable: true };
}
