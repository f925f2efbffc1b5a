using MessagePack;
using MessagePack.Formatters;

namespace Prima.Extensions.Caching.Redis.Hybrid.Serialization;

/// <summary>Formats as another resolver does, and lets the copies of an L1 entry have the same strings.</summary>
internal sealed class StringSharingResolver(IFormatterResolver resolver) : IFormatterResolver
{
    public IMessagePackFormatter<T>? GetFormatter<T>() => Own<T>.Formatter ?? resolver.GetFormatter<T>();

    private static class Own<T>
    {
        public static readonly IMessagePackFormatter<T>? Formatter = (IMessagePackFormatter<T>?)(
            typeof(T) == typeof(string) ? new StringFormatter()
            : typeof(T) == typeof(string[]) ? new ArrayFormatter<string?>()
            : (object?)null);
    }

    private sealed class StringFormatter : IMessagePackFormatter<string?>
    {
        public void Serialize(ref MessagePackWriter writer, string? value, MessagePackSerializerOptions options) => writer.Write(value);

        // What is null, or lies in more than one piece, is left to the reader.
        public string? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) =>
            reader.TryReadStringSpan(out var utf8) ? StringSharing.Read(utf8) : reader.ReadString();
    }
}
