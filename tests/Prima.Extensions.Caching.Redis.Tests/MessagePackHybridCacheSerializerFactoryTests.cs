using System.Buffers;
using MessagePack;
using MessagePack.Formatters;
using MessagePack.Resolvers;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests;

public class MessagePackHybridCacheSerializerFactoryTests
{
    private static readonly MessagePackSecurity Untrusted = MessagePackSecurity.UntrustedData;

    /// <summary>What the caller's options say, and the limits that hold then.</summary>
    public static TheoryData<MessagePackSecurity, int, int> Securities => new()
    {
        { MessagePackSecurity.TrustedData, Untrusted.MaximumObjectGraphDepth, Untrusted.MaximumDecompressedSize },
        { MessagePackSecurity.TrustedData.WithHashCollisionResistant(true), Untrusted.MaximumObjectGraphDepth, Untrusted.MaximumDecompressedSize },
        { MessagePackSecurity.TrustedData.WithMaximumObjectGraphDepth(100), 100, Untrusted.MaximumDecompressedSize },
        { Untrusted.WithMaximumDecompressedSize(1024), Untrusted.MaximumObjectGraphDepth, 1024 },
        { new OwnSecurity(), Untrusted.MaximumObjectGraphDepth, Untrusted.MaximumDecompressedSize },
    };

    [Theory, MemberData(nameof(Securities))]
    public void Options_ThatTrustTheData_AreHardened(MessagePackSecurity security, int depth, int decompressedSize)
    {
        var formatter = new SeenSecurity();
        var factory = new MessagePackHybridCacheSerializerFactory(MessagePackSerializerOptions.Standard.WithResolver(CompositeResolver.Create(formatter)).WithSecurity(security));

        Assert.True(factory.TryCreateSerializer<Finding>(out var serializer));
        serializer.Deserialize(new ReadOnlySequence<byte>([0xC0]));

        Assert.IsType(security.GetType(), formatter.Security);
        Assert.True(formatter.Security!.HashCollisionResistant);
        Assert.Equal((depth, decompressedSize), (formatter.Security.MaximumObjectGraphDepth, formatter.Security.MaximumDecompressedSize));
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

    public sealed class OwnSecurity() : MessagePackSecurity(TrustedData)
    {
        protected override MessagePackSecurity Clone() => (MessagePackSecurity)MemberwiseClone();
    }

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
