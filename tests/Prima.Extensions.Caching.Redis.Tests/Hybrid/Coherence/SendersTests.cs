using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid.Coherence;

public class SendersTests
{
    private readonly Senders _senders = new();
    private readonly Guid _one = Guid.NewGuid();

    [Fact]
    public void NewSender_FromItsFirstMessage_IsWhole()
    {
        Assert.Equal(Continuity.Whole, Hear(NodeMessage.Kinds.Beat, 0));
        Assert.Equal(Continuity.Whole, Hear(NodeMessage.Kinds.Keys, 1));
        Assert.Equal(Continuity.Whole, Hear(NodeMessage.Kinds.Tag, 2));
        Assert.Equal(Continuity.Whole, Hear(NodeMessage.Kinds.Beat, 2));
        Assert.Equal(Continuity.Whole, Hear(NodeMessage.Kinds.Farewell, 2));
    }

    [Theory]
    [InlineData(NodeMessage.Kinds.Beat, 1)]
    [InlineData(NodeMessage.Kinds.Keys, 2)]
    [InlineData(NodeMessage.Kinds.Farewell, 1)]
    internal void NewSender_ThatHasSentBefore_IsUnknown(NodeMessage.Kinds kind, long sequence) =>
        Assert.Equal(Continuity.Unknown, Hear(kind, sequence));

    [Theory]
    [InlineData(NodeMessage.Kinds.Keys, 3)]
    [InlineData(NodeMessage.Kinds.Tag, 3)]
    [InlineData(NodeMessage.Kinds.Beat, 2)]
    [InlineData(NodeMessage.Kinds.Farewell, 2)]
    [InlineData(NodeMessage.Kinds.Keys, 1)]
    internal void MissingNumber_IsBroken_Once(NodeMessage.Kinds kind, long sequence)
    {
        Hear(NodeMessage.Kinds.Keys, 1);
        Assert.Equal(Continuity.Broken, Hear(kind, sequence));
        if (kind != NodeMessage.Kinds.Farewell)
        {
            Assert.Equal(Continuity.Whole, Hear(NodeMessage.Kinds.Beat, sequence));
        }
    }

    [Fact]
    public void SilentSender_IsForgottenOnce_AndOneThatSaidFarewellIsNotMissed()
    {
        var silence = TimeSpan.FromMilliseconds(100);
        Hear(NodeMessage.Kinds.Beat, 0, now: 1000);
        Assert.False(_senders.ForgetSilent(1100, silence));
        Assert.True(_senders.ForgetSilent(1101, silence));
        Assert.False(_senders.ForgetSilent(9999, silence));
        Hear(NodeMessage.Kinds.Beat, 0, now: 1000);
        Hear(NodeMessage.Kinds.Farewell, 0, now: 1000);
        Assert.False(_senders.ForgetSilent(9999, silence));
    }

    [Fact]
    public void InventedSenders_TakeBoundedMemory()
    {
        for (var i = 0; i < 20_000; i++)
        {
            _senders.Heard(new(NodeMessage.Kinds.Beat, Guid.NewGuid(), 0, 0, []), 0);
        }

        // One that is not kept is unknown each time it says that it has sent before.
        Assert.Equal(Continuity.Unknown, Hear(NodeMessage.Kinds.Beat, 5));
        Assert.Equal(Continuity.Unknown, Hear(NodeMessage.Kinds.Beat, 5));
    }

    private Continuity Hear(NodeMessage.Kinds kind, long sequence, long now = 0) => _senders.Heard(new(kind, _one, sequence, 0, []), now);
}
