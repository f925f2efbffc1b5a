using System.Buffers;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.Serialization;
using System.Text;
using MessagePack;
using MessagePack.Formatters;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Prima.Extensions.Caching.Redis.Hybrid.Serialization;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid.Serialization;

public class TypeTableTests
{
    [Fact]
    public void Contract_IsWrittenByMessagePack() => Assert.Equal("91A473757267", Hex(new Contract { Ward = "surg" }));

    [Fact]
    public void Object_WithoutContract_IsWrittenAsJson() => Assert.Equal("""{"Ward":"surg"}""", Text(new Plain { Ward = "surg" }));

    [Fact]
    public void Object_WithoutContract_IsWrittenByMessagePack_WhereThatIsAskedFor() =>
        Assert.Equal("81A457617264A473757267", Hex(new Plain { Ward = "surg" }, InMessagePack));

    [Fact]
    public void Contract_WithAMemberWithoutContract_IsWrittenAsJson() => Assert.Equal("""{"Patient":{"Ward":"surg"}}""", Text(new Referral { Patient = new() { Ward = "surg" } }));

    [Fact]
    public void Contract_WithAMemberThatIsNoPartOfIt_IsWrittenByMessagePack() => Assert.Equal("81A457617264A473757267", Hex(new Letter { Ward = "surg", Draft = new() }));

    [Fact]
    public void Contract_WithAFormatterOfItsOwn_IsWrittenByIt() => Assert.Equal("A473757267", Hex(new Envelope { Content = new() { Ward = "surg" } }));

    [Fact]
    public void List_OfContracts_IsWrittenByMessagePack() => Assert.Equal("9191A473757267", Hex(new List<Contract> { new() { Ward = "surg" } }));

    [Fact]
    public void List_OfObjectsWithoutContract_IsWrittenAsJson() => Assert.Equal("""[{"Ward":"surg"}]""", Text(new List<Plain> { new() { Ward = "surg" } }));

    [Fact]
    public void Dictionary_OfObjectsWithoutContract_IsWrittenAsJson() =>
        Assert.Equal("""{"7":[{"Ward":"surg"}]}""", Text(new Dictionary<int, Plain[]> { [7] = [new() { Ward = "surg" }] }));

    [Fact]
    public void WhatHasNoContract_IsWrittenAsJson()
    {
        Assert.Equal("7", Text(7));
        Assert.Equal("true", Text(true));
        Assert.Equal("[1,2]", Text(new List<int> { 1, 2 }));
        Assert.Equal("\"00000000-0000-0000-0000-000000000000\"", Text(Guid.Empty));
    }

    [Fact]
    public void Object_Itself_IsWrittenAsJson() => Assert.Equal("7", Text<object>(7));

    [Fact]
    public void TextAndBytes_AreWrittenAsTheyAre()
    {
        Assert.Equal("surg", Text("surg"));
        Assert.Equal("010203", Hex(new byte[] { 1, 2, 3 }));
    }

    [Theory]
    [InlineData(0, "CC00")]
    [InlineData(127, "CC7F")]
    [InlineData(128, "CC80")]
    [InlineData(-1, "FF")]
    [InlineData(100_000, "CE000186A0")]
    public void Number_InMessagePack_BeginsLikeNoJson(int number, string hex)
    {
        Assert.Equal(hex, Hex(number, InMessagePack));
        Assert.Equal(number, Read<int>(Convert.FromHexString(hex), InMessagePack));
    }

    [Theory]
    [InlineData("7")]
    [InlineData("-7")]
    [InlineData("123456789")]
    [InlineData(" 7")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("[1,2]")]
    [InlineData("\"x\"")]
    public void Json_ReadByMessagePack_IsRefused(string json)
    {
        Assert.ThrowsAny<MessagePackSerializationException>(() => Read<int>(Encoding.UTF8.GetBytes(json), InMessagePack));
        Assert.ThrowsAny<MessagePackSerializationException>(() => Read<bool>(Encoding.UTF8.GetBytes(json), InMessagePack));
        Assert.ThrowsAny<MessagePackSerializationException>(() => Read<Contract>(Encoding.UTF8.GetBytes(json)));
        Assert.ThrowsAny<MessagePackSerializationException>(() => Read<DayOfWeek>(Encoding.UTF8.GetBytes(json), InMessagePack));
    }

    [Fact]
    public void MessagePack_WithMoreBehindIt_IsRefused() => Assert.ThrowsAny<MessagePackSerializationException>(() => Read<int>(Convert.FromHexString("CC0701"), InMessagePack));

    [Fact]
    public void MessagePack_ReadAsJson_IsRefused() => Assert.ThrowsAny<System.Text.Json.JsonException>(() => Read<Plain>(Convert.FromHexString("91A473757267")));

    [Fact]
    public void RegisteredSerializer_IsPreferred() => Assert.Equal("own", Text(new Contract(), build: builder => builder.AddSerializer<Contract, OwnSerializer>()));

    [Fact]
    public void RegisteredFactory_TheLastIsPreferred()
    {
        Assert.Equal("second", Text(new Contract(), build: builder => builder.AddSerializerFactory(new OwnFactory("first")).AddSerializerFactory(new OwnFactory("second"))));
        Assert.Equal("surg", Text("surg", build: builder => builder.AddSerializerFactory(new OwnFactory("first"))));
    }

    [Fact]
    public void Immutable_ByMicrosoftsRules()
    {
        Assert.True(IsShared<string>());
        Assert.True(IsShared<int>());
        Assert.True(IsShared<Guid?>());
        Assert.True(IsShared<(int, DateTime)>());
        Assert.True(IsShared<SealedImmutable>());
        Assert.True(IsShared<ImmutableStruct>());
        Assert.True(IsShared<ImmutableStruct?>());
        Assert.False(IsShared<OpenImmutable>());
        Assert.False(IsShared<byte[]>());
        Assert.False(IsShared<Plain>());
        Assert.False(IsShared<(int, string)>());
        Assert.True(IsShared<Plain>(options => options.SharedTypes.Add(typeof(Plain))));
    }

    private static bool IsShared<T>(Action<PrimaHybridCacheOptions>? configure = null) => Of<T>(configure).IsShared;

    private static string Text<T>(T value, Action<PrimaHybridCacheOptions>? configure = null, Action<IHybridCacheBuilder>? build = null) => Encoding.UTF8.GetString(Write(value, configure, build));

    private static string Hex<T>(T value, Action<PrimaHybridCacheOptions>? configure = null) => Convert.ToHexString(Write(value, configure, build: null));

    private static byte[] Write<T>(T value, Action<PrimaHybridCacheOptions>? configure, Action<IHybridCacheBuilder>? build)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var serializer = Of<T>(configure, build).Serializer;
        serializer.Serialize(value, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private static T Read<T>(byte[] bytes, Action<PrimaHybridCacheOptions>? configure = null) => Of<T>(configure).Serializer.Deserialize(new(bytes));

    private static void InMessagePack(PrimaHybridCacheOptions options) => options.SerializeWithoutContracts = true;

    private static TypeHandling<T> Of<T>(Action<PrimaHybridCacheOptions>? configure = null, Action<IHybridCacheBuilder>? build = null)
    {
        var services = new ServiceCollection();
        var builder = services.AddHybridCache();
        build?.Invoke(builder);
        var options = new PrimaHybridCacheOptions();
        configure?.Invoke(options);
        return new TypeTable(services.BuildServiceProvider(), options).Of<T>();
    }

    [MessagePackObject]
    public sealed class Contract
    {
        [Key(0)]
        public string? Ward { get; set; }
    }

    public sealed class Plain
    {
        public string? Ward { get; set; }
    }

    [DataContract]
    public sealed class Referral
    {
        [DataMember]
        public Plain? Patient { get; set; }
    }

    [DataContract]
    public sealed class Letter
    {
        [DataMember]
        public string? Ward { get; set; }

        public Plain? Draft { get; set; }
    }

    [DataContract]
    [MessagePackFormatter(typeof(EnvelopeFormatter))]
    public sealed class Envelope
    {
        [DataMember]
        public Plain? Content { get; set; }
    }

    public sealed class EnvelopeFormatter : IMessagePackFormatter<Envelope?>
    {
        public void Serialize(ref MessagePackWriter writer, Envelope? value, MessagePackSerializerOptions options) => writer.Write(value?.Content?.Ward);

        public Envelope Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) => new() { Content = new() { Ward = reader.ReadString() } };
    }

    [ImmutableObject(true)]
    public sealed class SealedImmutable;

    [ImmutableObject(true)]
    public class OpenImmutable;

    [ImmutableObject(true)]
    public readonly record struct ImmutableStruct(string Ward);

    public sealed class OwnSerializer : IHybridCacheSerializer<Contract>
    {
        public Contract Deserialize(ReadOnlySequence<byte> source) => new();

        public void Serialize(Contract value, IBufferWriter<byte> target) => target.Write("own"u8);
    }

    public sealed class OwnFactory(string name) : IHybridCacheSerializerFactory
    {
        public bool TryCreateSerializer<T>([NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
        {
            serializer = new Named<T>(name);
            return true;
        }
    }

    private sealed class Named<T>(string name) : IHybridCacheSerializer<T>
    {
        public T Deserialize(ReadOnlySequence<byte> source) => throw new NotSupportedException(string.Create(CultureInfo.InvariantCulture, $"{source.Length}"));

        public void Serialize(T value, IBufferWriter<byte> target) => target.Write(Encoding.UTF8.GetBytes(name));
    }
}
