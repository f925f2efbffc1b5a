using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.Serialization;
using MessagePack;
using MessagePack.Resolvers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Prima.Extensions.Caching.Redis.Hybrid.Serialization;

/// <summary>MessagePack for the types with contracts that it can format throughout, so told from JSON that neither is taken for the other.</summary>
internal sealed class DefaultMessagePackFactory(bool withoutContracts) : IHybridCacheSerializerFactory
{
    private readonly MessagePackHybridCacheSerializerFactory _factory =
        new(MessagePackSerializerOptions.Standard.WithResolver(new StringSharingResolver(withoutContracts ? ContractlessStandardResolver.Instance : StandardResolver.Instance)));

    public bool TryCreateSerializer<T>([NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
    {
        serializer = (withoutContracts || HasContract(typeof(T))) && IsFormattable(typeof(T), []) && _factory.TryCreateSerializer<T>(out var plain) ? new UnlikeJsonSerializer<T>(plain) : null;
        return serializer is not null;
    }

    // What has none, such as a number, is written as JSON, which nodes on Microsoft's cache can read.
    private static bool HasContract(Type type) =>
        Array.Exists(type.GetCustomAttributes(inherit: true), static attribute => attribute is MessagePackObjectAttribute or MessagePackFormatterAttribute or UnionAttribute or DataContractAttribute)
        || (type.IsArray ? HasContract(type.GetElementType()!) : Array.Exists(type.GetGenericArguments(), HasContract));

    // A resolver says yes to a list of anything, and finds out when it serializes the first element. What comes back for object or an interface of ours is something else than was put in.
    private bool IsFormattable(Type type, HashSet<Type> seen)
    {
        if (!seen.Add(type))
        {
            return true;
        }

        if (type == typeof(object) || type.IsPointer || type.IsByRefLike || !_factory.CanFormat(type))
        {
            return false;
        }

        return PartsOf(type).All(part => IsFormattable(part, seen));
    }

    /// <summary>The types of what is formatted within a value of <paramref name="type"/>.</summary>
    private static Type[] PartsOf(Type type)
    {
        if (type.IsArray)
        {
            return [type.GetElementType()!];
        }

        if (HasFormatter(type))
        {
            return type.GetGenericArguments();
        }

        var isContract = type.IsDefined(typeof(MessagePackObjectAttribute));
        var members = isContract || type.IsDefined(typeof(DataContractAttribute)) ? type.GetMembers(BindingFlags.Public | BindingFlags.Instance) : [];
        return
        [
            .. type.GetGenericArguments(),
            .. type.GetCustomAttributes<UnionAttribute>(inherit: false).Select(static union => union.SubType),
            .. members.Where(member => isContract ? !IsLeftOut(member) : member.IsDefined(typeof(DataMemberAttribute))).Select(TypeOf).OfType<Type>(),
        ];
    }

    private static bool IsLeftOut(MemberInfo member) =>
        member.IsDefined(typeof(IgnoreMemberAttribute)) || member.IsDefined(typeof(IgnoreDataMemberAttribute)) || HasFormatter(member);

    // A type or a member with a formatter of its own is formatted by that.
    private static bool HasFormatter(MemberInfo member) => member.IsDefined(typeof(MessagePackFormatterAttribute));

    private static Type? TypeOf(MemberInfo member) => member switch
    {
        PropertyInfo property when property.GetIndexParameters().Length == 0 => property.PropertyType,
        FieldInfo field => field.FieldType,
        _ => null,
    };
}
