using MessagePack;
using MessagePack.Resolvers;
using ZiggyCreatures.Caching.Fusion.Serialization;

namespace Prima.Extensions.Caching.Redis.Perf.Rivals;

/// <summary>What the package ZiggyCreatures.FusionCache.Serialization.NeueccMessagePack does, with its default resolver.</summary>
internal sealed class FusionCacheMessagePackSerializer : IFusionCacheSerializer
{
    private static readonly MessagePackSerializerOptions Options = MessagePackSerializerOptions.Standard.WithResolver(ContractlessStandardResolver.Instance);

    public byte[] Serialize<T>(T? obj) => MessagePackSerializer.Serialize(obj, Options);

    public T? Deserialize<T>(byte[] data) => MessagePackSerializer.Deserialize<T>(data, Options);

    public ValueTask<byte[]> SerializeAsync<T>(T? obj, CancellationToken token = default) => new(Serialize(obj));

    public ValueTask<T?> DeserializeAsync<T>(byte[] data, CancellationToken token = default) => new(Deserialize<T>(data));
}
