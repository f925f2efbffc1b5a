using System.Buffers;
using MessagePack;
using MessagePack.Formatters;
using MessagePack.Resolvers;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests;

public class MessagePackHybridCacheSerializerFactoryTests
{
    public static TheoryData<MessagePackSecurity> Trusting => [MessagePackSecurity.TrustedData, MessagePackSecurity.TrustedData.WithMaximumObjectGraphDepth(100)];

    [Theory, MemberData(nameof(Trusting))]
    public void Options_ThatTrustTheData_AreNotFollowed(MessagePackSecurity security)
    {
        var formatter = new SeenSecurity();
        var factory = new MessagePackHybridCacheSerializerFactory(MessagePackSerializerOptions.Standard.WithResolver(CompositeResolver.Create(formatter)).WithSecurity(security));

        Assert.True(factory.TryCreateSerializer<Finding>(out var serializer));
        serializer.Deserialize(new ReadOnlySequence<byte>([0xC0]));

        Assert.True(formatter.Security!.HashCollisionResistant);
    }

    [Fact]
    public void Bytes_ThatAreNestedWithoutEnd_AreRefused()
    {
        Assert.True(new MessagePackHybridCacheSerializerFactory().TryCreateSerializer<object>(out var serializer));
        byte[] nested = [.. Enumerable.Repeat((byte)0x91, 100_000), 0xC0];

        Assert.ThrowsAny<MessagePackSerializationException>(() => serializer.Deserialize(new ReadOnlySequence<byte>(nested)));
    }

    [Fact]
    public void TypelessResolver_IsRefused() => Assert.Throws<ArgumentException>(static () =>
        new MessagePackHybridCacheSerializerFactory(MessagePackSerializerOptions.Standard.WithResolver(TypelessContractlessStandardResolver.Instance)));

    public sealed class Finding;

    private sealed class SeenSecurity : IMessagePackFormatter<Finding?>
    {
        public MessagePackSecurity? Security { get; private set; }

        public void Serialize(ref MessagePackWriter writer, Finding? value, MessagePackSerializerOptions options) => writer.WriteNil();

        public Finding? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
        {
            Security = options.Security;
            reader.Skip();
            return null;
        }
    }
}
