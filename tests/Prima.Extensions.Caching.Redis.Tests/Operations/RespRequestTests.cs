using System.Buffers;
using System.Runtime.CompilerServices;
using Prima.Extensions.Caching.Redis.Operations;
using StackExchange.Redis;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Operations;

public class RespRequestTests
{
    private static readonly RespScript Script = new("return 1");

    [Fact]
    public void Begin_AfterAnotherRequest_IsEmpty()
    {
        RespRequest.Begin(scriptsByText: false).Command("GET").Key("key");

        Assert.Equal(0, RespRequest.Begin(scriptsByText: false).CommandCount);
    }

    [Fact]
    public void Command_Several_KeepTheirNames()
    {
        var request = RespRequest.Begin(scriptsByText: false);

        request.Command("UNLINK").Key("key").Command("HSET").Key("key").Value("field").Value("value").Command("PING");

        Assert.Equal(["UNLINK", "HSET", "PING"], Enumerable.Range(0, request.CommandCount).Select(request.NameOf));
    }

    [Theory]
    [InlineData(0, new[] { "first" })]
    [InlineData(1, new string[] { })]
    [InlineData(2, new[] { "second", "field", "value" })]
    public void ArgumentsOf_SeveralCommands_AreThoseOfTheCommand(int command, string[] expected)
    {
        var request = RespRequest.Begin(scriptsByText: false);

        request.Command("UNLINK").Key("first").Command("PING").Command("HSET").Key("second").Value("field").Value("value");

        Assert.Equal(expected, Render(request, command));
    }

    [Fact]
    public void ArgumentsOf_KeyAndValue_AreOfTheirKind()
    {
        var request = RespRequest.Begin(scriptsByText: false).Command("SET").Key("same").Value("same");

        Assert.Equal([true, false], request.ArgumentsOf(0).ToArray().Select(argument => argument.IsKey));
    }

    [Fact]
    public void ArgumentsOf_MoreThanThereWasRoomFor_AreAllThere()
    {
        var request = RespRequest.Begin(scriptsByText: false).Command("MGET");
        var values = Enumerable.Range(0, 1_000).Select(number => $"key{number}").ToArray();

        foreach (var value in values)
        {
            request.Value(value);
        }

        Assert.Equal(values, Render(request, 0));
    }

    [Fact]
    public void ArgumentsOf_SmallRequestAfterALargeOne_AreItsOwn()
    {
        var large = RespRequest.Begin(scriptsByText: false).Command("MGET");
        for (var i = 0; i < 1_000; i++)
        {
            large.Key($"key{i}");
        }

        var small = RespRequest.Begin(scriptsByText: false).Command("GET").Key("key");

        Assert.Equal(["key"], Render(small, 0));
    }

    [Fact]
    public void Script_ServerThatMayKnowIt_IsSentAsHash()
    {
        var request = RespRequest.Begin(scriptsByText: false).Script(Script, 1).Key("key").Value("argument");

        Assert.Equal(["EVALSHA", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db", "1", "key", "argument"], [request.NameOf(0), .. Render(request, 0)]);
    }

    [Fact]
    public void Script_ServerThatDoesNotKnowIt_IsSentAsText()
    {
        var request = RespRequest.Begin(scriptsByText: true).Script(Script, 1).Key("key").Value("argument");

        Assert.Equal(["EVAL", "return 1", "1", "key", "argument"], [request.NameOf(0), .. Render(request, 0)]);
    }

    [Fact]
    public void Script_Key_IsAKey()
    {
        var request = RespRequest.Begin(scriptsByText: false).Script(Script, 1).Key("key");

        Assert.True(request.ArgumentsOf(0).Span[2].IsKey);
    }

    [Fact]
    public void Script_SeveralKeys_AreCountedBeforeThem()
    {
        var request = RespRequest.Begin(scriptsByText: false).Script(Script, 2).Key("a").Key("b").Value("argument");

        Assert.Equal(["2", "a", "b", "argument"], Render(request, 0)[1..]);
    }

    [Theory]
    [InlineData(new int[] { })]
    [InlineData(new[] { 0 })]
    [InlineData(new[] { 5 })]
    [InlineData(new[] { 3, 4 })]
    [InlineData(new[] { 1, 0, 100_000, 7 })]
    public void FramedValue_PayloadInSegments_IsFrameThenPayload(int[] segmentLengths)
    {
        var segments = Segments(segmentLengths);

        var request = RespRequest.Begin(scriptsByText: false).Command("SET").FramedValue([0xF5, 0x50], Sequence(segments));

        Assert.Equal([0xF5, 0x50, .. segments.SelectMany(segment => segment)], Bytes(request.ArgumentsOf(0).Span[0].Value));
    }

    [Fact]
    public void FramedValue_PayloadInFewerSegmentsThanTheOneBefore_IsFrameThenPayload()
    {
        RespRequest.Begin(scriptsByText: false).Command("SET").FramedValue([1, 2, 3, 4], Sequence(Segments([9, 9, 9, 9])));

        var request = RespRequest.Begin(scriptsByText: false).Command("SET").FramedValue([5], Sequence([[6], [7]]));

        Assert.Equal([5, 6, 7], Bytes(request.ArgumentsOf(0).Span[0].Value));
    }

    [Fact]
    public void FramedValue_FrameThatChangesAfterwards_IsAsItWas()
    {
        byte[] frame = [1, 2];
        var request = RespRequest.Begin(scriptsByText: false).Command("SET").FramedValue(frame, Sequence([[3]]));

        frame[0] = 0xFF;

        Assert.Equal([1, 2, 3], Bytes(request.ArgumentsOf(0).Span[0].Value));
    }

    [Fact]
    public void FramedValue_LongestFrame_Fits()
    {
        var frame = new byte[Redis.Entries.EntryFrame.MaxLength];

        var request = RespRequest.Begin(scriptsByText: false).Command("SET").FramedValue(frame, Sequence([[1]]));

        Assert.Equal(frame.Length + 1, Bytes(request.ArgumentsOf(0).Span[0].Value).Length);
    }

    [Fact]
    public void Clear_Value_IsForgotten()
    {
        var request = RespRequest.Begin(scriptsByText: false);
        var payload = AddValue(request);

        request.Clear();

        Assert.True(IsCollected(payload));
        GC.KeepAlive(request);
    }

    [Fact]
    public void Clear_FramedPayload_IsForgotten()
    {
        var request = RespRequest.Begin(scriptsByText: false);
        var payload = AddFramedPayload(request);

        request.Clear();

        Assert.True(IsCollected(payload));
        GC.KeepAlive(request);
    }

    [Fact]
    public void Clear_AfterASmallerRequest_ForgetsTheLargerOneToo()
    {
        var request = RespRequest.Begin(scriptsByText: false);
        var payload = AddFramedPayload(request);
        RespRequest.Begin(scriptsByText: false).Command("SET").FramedValue([5], Sequence([[6]]));

        request.Clear();

        Assert.True(IsCollected(payload));
        GC.KeepAlive(request);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference AddValue(RespRequest request)
    {
        var payload = new byte[100];
        request.Command("SET").Key("key").Value(payload);
        return new(payload);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference AddFramedPayload(RespRequest request)
    {
        var last = new byte[100];
        request.Command("SET").Key("key").FramedValue([1], Sequence([[1], [2], last]));
        return new(last);
    }

    private static bool IsCollected(WeakReference reference)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return !reference.IsAlive;
    }

    private static string[] Render(RespRequest request, int command) =>
        [.. request.ArgumentsOf(command).ToArray().Select(argument => argument.IsKey ? argument.Key.ToString() : argument.Value.ToString())];

    private static byte[] Bytes(RedisValue value) => (byte[])value!;

    private static byte[][] Segments(int[] lengths) =>
        [.. lengths.Select((length, index) => Enumerable.Range(index, length).Select(number => (byte)number).ToArray())];

    private static ReadOnlySequence<byte> Sequence(byte[][] segments)
    {
        if (segments.Length < 2)
        {
            return segments.Length == 0 ? default : new(segments[0]);
        }

        var first = new BufferSegment(segments[0]);
        var last = segments.Skip(1).Aggregate(first, (segment, memory) => segment.Append(memory));
        return new(first, 0, last, last.Memory.Length);
    }
}
