using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Extensions.Caching.Hybrid;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>Serializes strings only, back to front.</summary>
public sealed class ReversingSerializerFactory : IHybridCacheSerializerFactory
{
    public bool TryCreateSerializer<T>([NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
    {
        serializer = new Serializer() as IHybridCacheSerializer<T>;
        return serializer is not null;
    }

    private sealed class Serializer : IHybridCacheSerializer<string>
    {
        public string Deserialize(ReadOnlySequence<byte> source) => Reversed(Encoding.UTF8.GetString(source));

        public void Serialize(string value, IBufferWriter<byte> target) => Encoding.UTF8.GetBytes(Reversed(value), target);

        private static string Reversed(string text) => new([.. text.Reverse()]);
    }
}
