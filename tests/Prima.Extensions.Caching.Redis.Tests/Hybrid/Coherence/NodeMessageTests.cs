using CsCheck;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid.Coherence;

public class NodeMessageTests
{
    private static readonly Guid Sender = Guid.NewGuid();

    [Fact]
    public void Keys_OfAnyNumber_ComeBackInOrder() =>
        Gen.String[Gen.Char["aä€"], 0, 20].List[1, 50].Sample(static keys =>
        {
            var first = 0;
            Assert.True(NodeMessage.TryRead(NodeMessage.WriteKeys(Sender, 7, keys, ref first), out var message));

            Assert.Equal((keys.Count, NodeMessage.Kinds.Keys, Sender, 7L), (first, message.Kind, message.Sender, message.Sequence));
            Assert.Equal(keys, message.Names);
        });

    [Fact]
    public void Keys_ThatDoNotFit_AreLeftForTheNext()
    {
        string[] keys = [new('a', 40_000), new('b', 40_000), new('c', 100_000)];
        var first = 0;
        var read = new List<string>();
        for (var messages = 1; first < keys.Length; messages++)
        {
            Assert.True(NodeMessage.TryRead(NodeMessage.WriteKeys(Sender, messages, keys, ref first), out var message));
            read.AddRange(message.Names);
            Assert.Equal(messages, read.Count);
        }

        Assert.Equal(keys, read);
    }

    [Fact]
    public void Tag_ComesBack()
    {
        Assert.True(NodeMessage.TryRead(NodeMessage.WriteTag(Sender, 3, "wärd", 42), out var message));
        Assert.Equal((NodeMessage.Kinds.Tag, Sender, 3L, 42L, "wärd"), (message.Kind, message.Sender, message.Sequence, message.Stamp, message.Names.Single()));
    }

    [Theory]
    [InlineData(NodeMessage.Kinds.Beat)]
    [InlineData(NodeMessage.Kinds.Farewell)]
    internal void MessageWithoutNames_ComesBack(NodeMessage.Kinds kind)
    {
        Assert.True(NodeMessage.TryRead(NodeMessage.Write(kind, Sender, 3, 42), out var message));
        Assert.Equal((kind, Sender, 3L, 42L, 0), (message.Kind, message.Sender, message.Sequence, message.Stamp, message.Names.Count));
    }

    [Fact]
    public void Truncated_IsRefused()
    {
        var first = 0;
        byte[][] messages = [NodeMessage.WriteKeys(Sender, 1, ["a", "bc"], ref first), NodeMessage.Write(NodeMessage.Kinds.Beat, Sender, 1, 1)];
        foreach (var message in messages)
        {
            // After a whole key the rest could have been all there was.
            foreach (var length in Enumerable.Range(0, message.Length).Except([message.Length - 6]))
            {
                Assert.False(NodeMessage.TryRead(message.AsSpan(0, length), out _), $"{length} of {message.Length}");
            }
        }
    }

    [Fact]
    public void AnyBytes_AreReadOrRefused_AndNeverThrow() =>
        Gen.Select(Gen.Byte.Array[0, 60], Gen.Byte[1, 4]).Sample(static (bytes, kind) =>
        {
            if (bytes.Length > 2)
            {
                (bytes[0], bytes[1]) = (1, kind);
            }

            NodeMessage.TryRead(bytes, out _);
        });

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    [InlineData(3)]
    public void LengthBeyondTheMessage_IsRefused(int length)
    {
        var first = 0;
        var message = NodeMessage.WriteKeys(Sender, 1, ["ab"], ref first);
        BitConverter.TryWriteBytes(message.AsSpan(26), length);

        Assert.False(NodeMessage.TryRead(message, out _));
    }
}
