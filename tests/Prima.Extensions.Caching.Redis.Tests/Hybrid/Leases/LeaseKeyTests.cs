using System.Text;
using CsCheck;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Prima.Extensions.Caching.Redis.Hybrid.Leases;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid.Leases;

public class LeaseKeyTests
{
    [Fact]
    public void LeaseKey_OfAnyKey_IsInItsSlot_AndKnownAsOne() =>
        Gen.Select(Gen.String[Gen.Char["ab{}ä"], 0, 8], Gen.String[Gen.Char["ab{}ä€"], 0, 30]).Sample(static (instanceName, key) =>
        {
            byte[] lease = LeaseKey.Of(Encoding.UTF8.GetBytes(instanceName), key)!;

            Assert.Equal(KeySlot.Of(Encoding.UTF8.GetBytes(instanceName + key)), KeySlot.Of(lease));
            Assert.True(LeaseKey.IsOne(lease));
            Assert.EndsWith(instanceName + key, Encoding.UTF8.GetString(lease), StringComparison.Ordinal);
        });

    [Fact]
    public void LeaseKey_OfEverySlot_IsInIt() =>
        Assert.All(Enumerable.Range(0, 100_000), static number =>
        {
            var key = $"key{number}";
            Assert.Equal(KeySlot.Of(Encoding.UTF8.GetBytes(key)), KeySlot.Of((byte[])LeaseKey.Of([], key)!));
        });
}
