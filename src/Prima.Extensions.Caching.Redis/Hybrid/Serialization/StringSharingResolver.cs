using MessagePack;
using MessagePack.Formatters;

namespace Prima.Extensions.Caching.Redis.Hybrid.Serialization;

/// <summary>Formats as another resolver does, and lets the copies of an L1 entry have the same strings.</summary>
internal sealed class StringSharingResolver(IFormatterResolver resolver) : IFormatterResolver
{
    private static readonly ArrayFormatter<string?> Arrays = new();

    public IMessagePackFormatter<T>? GetFormatter<T>() =>
        typeof(T) == typeof(string) ? (IMessagePackFormatter<T>)(object)StringFormatter.Instance
        : typeof(T) == typeof(string[]) ? (IMessagePackFormatter<T>)(object)Arrays
        : resolver.GetFormatter<T>();

    private sealed class StringFormatter : IMessagePackFormatter<string?>
    {
        public static readonly StringFormatter Instance = new();

        public void Serialize(ref MessagePackWriter writer, string? value, MessagePackSerializerOptions options) => writer.Write(value);

        // What is null, or lies in more than one piece, is left to the reader.
        public string? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) =>
            reader.TryReadStringSpan(out var utf8) ? StringSharing.Read(utf8) : reader.ReadString();
    }
}
