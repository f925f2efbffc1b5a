using System.Runtime.CompilerServices;

namespace Prima.Extensions.Caching.Redis.Hybrid.Serialization;

/// <summary>How many bytes a value takes in the L1, where that is known without serializing it.</summary>
internal static class ValueSize
{
    // Of a type that was named as shared: nobody says that it can be serialized at all.
    private const long Guess = 256;

    public static bool TryGet<T>(T value, out long size)
    {
        size = value switch
        {
            string text => sizeof(char) * (long)text.Length,
            null => 0,
            _ when !RuntimeHelpers.IsReferenceOrContainsReferences<T>() => Unsafe.SizeOf<T>(),
            _ => Guess,
        };
        return size != Guess || !ImmutableTypes.IsImmutable<T>();
    }
}
