using System.Net;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid.Coherence;

public class ClusterViewTests
{
    private const string Nodes =
        """
        aaa 127.0.0.1:7001@17001,one.example myself,master - 0 0 7 connected 0-5460 5462 [5461->-bbb]
        bbb 127.0.0.1:7002@17002 master - 0 1 9 connected 5461 5463-10922
        ccc 127.0.0.1:7003@17003 master,fail - 0 1 8 disconnected 10923-16383
        ddd 127.0.0.1:7004@17004 slave aaa 0 1 7 connected
        eee fd00::1:7005@17005 master - 0 1 0 connected
        fff :0@0 master,noaddr - 0 1 0 disconnected
        """;

    [Fact]
    public void Primaries_ThatAreThere_AreFound_ThoseWithoutSlotsToo() =>
        Assert.Equal(["aaa", "bbb", "eee"], ClusterView.Parse(Nodes).Primaries.Select(static node => node.Id));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5460, 0)]
    [InlineData(5461, 1)]
    [InlineData(5462, 0)]
    [InlineData(5463, 1)]
    [InlineData(10922, 1)]
    [InlineData(10923, -1)]
    [InlineData(16383, -1)]
    public void Slot_OfAPrimary_IsIts_AndThatOfTheDeadNobodys(int slot, int owner) => Assert.Equal(owner, ClusterView.Parse(Nodes).Owners[slot]);

    [Fact]
    public void Epoch_OfAView_IsTheGreatest() => Assert.Equal(9, ClusterView.Parse(Nodes).Epoch);

    [Fact]
    public void EndPoint_OfANode_IsTheOneThatTheClientKnows()
    {
        var nodes = ClusterView.Parse(Nodes).Primaries;
        var named = new DnsEndPoint("ONE.example", 7001);

        Assert.Same(named, nodes[0].EndPoint([new DnsEndPoint("two.example", 7001), named]));
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:7002"), nodes[1].EndPoint([named]));
        Assert.Equal(IPEndPoint.Parse("[fd00::1]:7005"), nodes[2].EndPoint([]));
    }

    [Theory]
    [InlineData("rubbish")]
    [InlineData("aaa 127.0.0.1@1 master - 0 0 7 connected")]
    [InlineData("aaa 127.0.0.1:7001@17001 master - 0 0 7 connected 0-16384")]
    [InlineData("aaa 127.0.0.1:7001@17001 master - 0 0 7 connected 9-3")]
    [InlineData("aaa 127.0.0.1:x@17001 master - 0 0 7 connected 9")]
    public void Rubbish_IsRefused(string nodes) => Assert.Throws<FormatException>(() => ClusterView.Parse(nodes));
}
