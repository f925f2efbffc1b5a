using System.Buffers;
using System.Text;
using CsCheck;
using MessagePack;
using MessagePack.Resolvers;
using Prima.Extensions.Caching.Redis.Hybrid.Serialization;
using Prima.Extensions.Caching.Redis.Tests.Operations;
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
        using var sharing = StringSharing.Begin([known], found: null);

        Assert.Same(known, StringSharing.Read(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Read_OfAnyBytes_IsWhatTheyMean_WhateverIsKnown() =>
        Gen.Select(Gen.Byte.Array[0, 700], Gen.String[0, 700], Gen.Bool).Sample((bytes, text, isText) =>
        {
            var utf8 = isText ? Encoding.UTF8.GetBytes(text) : bytes;
            var meant = Encoding.UTF8.GetString(utf8);
            string[] others = [meant, text, meant + "x", meant.Length == 0 ? "" : meant[..^1]];
            foreach (var known in others)
            {
                using var sharing = StringSharing.Begin([known], found: null);
                Assert.Equal(meant, StringSharing.Read(utf8));
            }

            using var same = StringSharing.Begin([meant], found: null);
            Assert.Same(meant, StringSharing.Read(utf8));
        });

    [Theory, InlineData("war"), InlineData("wards"), InlineData("Ward"), InlineData("würd"), InlineData("würden")]
    public void Read_OfSomethingElse_IsThat(string text)
    {
        using var sharing = StringSharing.Begin(["ward", "würde"], found: null);

        Assert.Equal(text, StringSharing.Read(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(text, StringSharing.Read(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(text, StringSharing.Read(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Begin_WithinAnother_LeavesTheOtherAsItIs()
    {
        string[] known = [new("one"), new("two")];
        List<string> found = [], other = [];
        using var outer = StringSharing.Begin(known, found);
        Assert.Same(known[0], StringSharing.Read("one"u8));
        using (StringSharing.Begin(known: null, other))
        {
            Assert.Equal("other", StringSharing.Read("other"u8));
        }

        Assert.Same(known[1], StringSharing.Read("two"u8));
        Assert.Empty(found);
        Assert.Equal(["other"], other);
    }

    [Fact]
    public void Copies_OfAnObject_HaveTheSameStrings()
    {
        var bytes = MessagePackSerializer.Serialize(new Chart { Name = "Jané", Notes = ["one", null, "two"], Values = new() { ["pulse"] = "80" }, Codes = ["I10", null] }, Options, TestContext.Current.CancellationToken);
        Chart first, second;
        List<string> found = [];
        using (StringSharing.Begin(known: null, found))
        {
            first = MessagePackSerializer.Deserialize<Chart>(bytes, Options, TestContext.Current.CancellationToken);
        }

        using (StringSharing.Begin([.. found], found: null))
        {
            second = MessagePackSerializer.Deserialize<Chart>(bytes, Options, TestContext.Current.CancellationToken);
        }

        var third = MessagePackSerializer.Deserialize<Chart>(bytes, Options, TestContext.Current.CancellationToken);

        Assert.Equal(["Jané", "one", "two", "pulse", "80", "I10"], found);
        Assert.NotSame(first, second);
        Assert.NotSame(first.Notes, second.Notes);
        Assert.Equal(["one", null, "two"], second.Notes);
        Assert.Same(first.Name, second.Name);
        Assert.Same(first.Notes[2], second.Notes[2]);
        Assert.Same(first.Values["pulse"], second.Values["pulse"]);
        Assert.NotSame(first.Codes, second.Codes);
        Assert.Same(first.Codes[0], second.Codes[0]);
        Assert.Null(second.Codes[1]);
        Assert.Equal("Jané", third.Name);
        Assert.NotSame(first.Name, third.Name);
    }

    [Fact]
    public void Strings_InMorePieces_AreRead()
    {
        var bytes = MessagePackSerializer.Serialize(new Chart { Name = "Jane Doe" }, Options, TestContext.Current.CancellationToken);
        var first = new BufferSegment(bytes.AsMemory(0, 9));
        var last = first.Append(bytes.AsMemory(9));

        Assert.Equal("Jane Doe", MessagePackSerializer.Deserialize<Chart>(new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length), Options, TestContext.Current.CancellationToken).Name);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8), InlineData(100)]
    public void SizeOf_Strings_IsWhatTheyTake(int length)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        string[] strings = [new('x', length), new('y', length), new('z', length)];
        var taken = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(taken, StringSharing.SizeOf([.. strings]));
    }

    public sealed class Chart
    {
        public string Name { get; set; } = "";

        public List<string?> Notes { get; set; } = [];

        public Dictionary<string, string> Values { get; set; } = [];

        public string?[] Codes { get; set; } = [];
    }
}
