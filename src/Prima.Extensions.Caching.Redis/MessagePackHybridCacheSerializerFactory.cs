using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using MessagePack;
using MessagePack.Formatters;
using MessagePack.Resolvers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Prima.Extensions.Caching.Redis;

/// <summary>Serializes with MessagePack (https://msgpack.org), for any type that its resolver can format.</summary>
/// <remarks>
/// What comes from Redis is treated as untrusted data: https://github.com/MessagePack-CSharp/MessagePack-CSharp#security.
/// </remarks>
public sealed class MessagePackHybridCacheSerializerFactory : IHybridCacheSerializerFactory
{
    private readonly MessagePackSerializerOptions _options;

    /// <summary>Formats types with contracts (<c>[MessagePackObject]</c>), and others by their public members.</summary>
    public MessagePackHybridCacheSerializerFactory()
        : this(MessagePackSerializerOptions.Standard.WithResolver(ContractlessStandardResolver.Instance))
    {
    }

    /// <summary>Formats with options of the caller's.</summary>
    /// <param name="options">The options. Their security is hardened: hashes resist collisions, and of each limit the smaller holds, theirs or that of <see cref="MessagePackSecurity.UntrustedData"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The resolver is typeless: it would make any type that the bytes name.</exception>
    public MessagePackHybridCacheSerializerFactory(MessagePackSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Resolver.GetFormatter<object>() is TypelessFormatter)
        {
            throw new ArgumentException("A typeless resolver makes any type that the bytes in Redis name. Use ContractlessStandardResolver, or a resolver for your types.", nameof(options));
        }

        _options = options.WithSecurity(Hardened(options.Security));
    }

    /// <inheritdoc/>
    public bool TryCreateSerializer<T>([NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
    {
        serializer = CanFormat(typeof(T)) ? new Serializer<T>(_options) : null;
        return serializer is not null;
    }

    /// <summary>Whether the resolver has a formatter for <paramref name="type"/> itself; its elements are another matter.</summary>
    internal bool CanFormat(Type type)
    {
        try
        {
            return _options.Resolver.GetFormatterDynamic(type) is not null;
        }
        catch (Exception exception) when (exception is TypeInitializationException or MessagePackSerializationException or TargetInvocationException)
        {
            // How resolvers that generate formatters say no.
            return false;
        }
    }

    private static MessagePackSecurity Hardened(MessagePackSecurity security) => security
        .WithHashCollisionResistant(true)
        .WithMaximumObjectGraphDepth(Math.Min(security.MaximumObjectGraphDepth, MessagePackSecurity.UntrustedData.MaximumObjectGraphDepth))
        .WithMaximumDecompressedSize(Math.Min(security.MaximumDecompressedSize, MessagePackSecurity.UntrustedData.MaximumDecompressedSize));

    private sealed class Serializer<T>(MessagePackSerializerOptions options) : IHybridCacheSerializer<T>
    {
        public T Deserialize(ReadOnlySequence<byte> source)
        {
            var reader = new MessagePackReader(source);
            var value = MessagePackSerializer.Deserialize<T>(ref reader, options);

            // What is left over was written by something else.
            return reader.End ? value : throw new MessagePackSerializationException("The value is followed by more bytes.");
        }

        public void Serialize(T value, IBufferWriter<byte> target) => MessagePackSerializer.Serialize(target, value, options);
    }
}
