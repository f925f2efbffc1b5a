using System.Buffers;
using System.Text;
using CsCheck;
using MessagePack;
using MessagePack.Resolvers;
using Prima.Extensions.Caching.Redis.Hybrid.Serialization;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid.Serialization;

public class StringSharingTests
{
    private static readonly MessagePackSerializerOptions Options = MessagePackSerializerOptions.Standard.WithResolver(new StringSharingResolver(ContractlessStandardResolver.Instance));

    public static TheoryData<string> Texts => new("ward", "", "Süd-Flügel", "心臓科", "😀", new string('x', 1000), new string('ü', 1000), new string('a', 255) + "😀" + new string('b', 300));

    [Theory, MemberData(nameof(Texts))]
    public void Read_OfWhatIsKnown_IsTheSameInstance(string text)
    {
        var known = new string(text);
        using var sharing = StringSharing.Begin([known], collects: false);

        Assert.Same(known, StringSharing.Read(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Read_OfAnyBytes_IsWhatTheyMean_WhateverIsKnown() =>
        Gen.Select(Gen.Byte.Array[0, 20], Gen.String[0, 20], Gen.Bool).Sample((bytes, other, isText) =>
        {
            var utf8 = isText ? Encoding.UTF8.GetBytes(other) : bytes;
            using var sharing = StringSharing.Begin([other], collects: false);
            Assert.Equal(Encoding.UTF8.GetString(utf8), StringSharing.Read(utf8));
        });

    [Theory, InlineData("war"), InlineData("wards"), InlineData("Ward"), InlineData("würd"), InlineData("würden")]
    public void Read_OfSomethingElse_IsThat(string text)
    {
        using var sharing = StringSharing.Begin(["ward", "würde"], collects: false);

        Assert.Equal(text, StringSharing.Read(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(text, StringSharing.Read(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(text, StringSharing.Read(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Begin_WithinAnother_LeavesTheOtherAsItIs()
    {
        using var outer = StringSharing.Begin(["one", "two"], collects: false);
        var one = StringSharing.Read("one"u8);
        using (StringSharing.Begin(known: null, collects: true))
        {
            Assert.Equal("other", StringSharing.Read("other"u8));
        }

        Assert.Equal("one", one);
        var two = StringSharing.Read("two"u8);
        using var another = StringSharing.Begin([two], collects: false);
        Assert.Same(two, StringSharing.Read("two"u8));
    }

    [Fact]
    public void Copies_OfAnObject_HaveTheSameStrings()
    {
        var bytes = MessagePackSerializer.Serialize(new Chart { Name = "Jané", Notes = ["one", null, "two"], Values = new() { ["pulse"] = "80" } }, Options, TestContext.Current.CancellationToken);
        Chart first, second;
        List<string> found;
        using (var sharing = StringSharing.Begin(known: null, collects: true))
        {
            first = MessagePackSerializer.Deserialize<Chart>(bytes, Options, TestContext.Current.CancellationToken);
            found = sharing.Found!;
        }

        using (StringSharing.Begin([.. found], collects: false))
        {
            second = MessagePackSerializer.Deserialize<Chart>(bytes, Options, TestContext.Current.CancellationToken);
        }

        var third = MessagePackSerializer.Deserialize<Chart>(bytes, Options, TestContext.Current.CancellationToken);

        Assert.Equal(["Jané", "one", "two", "pulse", "80"], found);
        Assert.NotSame(first, second);
        Assert.NotSame(first.Notes, second.Notes);
        Assert.Equal(["one", null, "two"], second.Notes);
        Assert.Same(first.Name, second.Name);
        Assert.Same(first.Notes[2], second.Notes[2]);
        Assert.Same(first.Values["pulse"], second.Values["pulse"]);
        Assert.Equal("Jané", third.Name);
        Assert.NotSame(first.Name, third.Name);
    }

    [Fact]
    public void Strings_InMorePieces_AreRead()
    {
        var bytes = MessagePackSerializer.Serialize(new Chart { Name = "Jane Doe" }, Options, TestContext.Current.CancellationToken);
        var first = new Piece(bytes.AsMemory(0, 9));
        var last = first.Append(bytes.AsMemory(9));

        Assert.Equal("Jane Doe", MessagePackSerializer.Deserialize<Chart>(new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length), Options, TestContext.Current.CancellationToken).Name);
    }

    [Fact]
    public void SizeOf_Strings_IsNotLessThanTheyTake()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        string[] strings = [new('x', 1), new('x', 7), new('x', 100)];
        var taken = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(StringSharing.SizeOf([.. strings]), taken, 2 * taken);
    }

    public sealed class Chart
    {
        public string Name { get; set; } = "";

        public List<string?> Notes { get; set; } = [];

        public Dictionary<string, string> Values { get; set; } = [];
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Piece Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
