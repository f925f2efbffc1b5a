using System.Text;
using CsCheck;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid.Coherence;

public class KeySlotTests
{
    // What CLUSTER KEYSLOT of redis-server 7.0.15 answers.
    [Theory]
    [InlineData("", 0)]
    [InlineData("123456789", 12739)]
    [InlineData("foo", 12182)]
    [InlineData("{foo}bar", 12182)]
    [InlineData("x{foo}{bar}", 12182)]
    [InlineData("foo{}{bar}", 8363)]
    [InlineData("foo{{bar}}zap", 4015)]
    public void Slot_OfAKey_IsTheServers(string key, int slot) => Assert.Equal(slot, KeySlot.Of(Encoding.UTF8.GetBytes(key)));

    [Fact]
    public void Slot_OfPrefixAndKey_IsThatOfBothTogether() =>
        Gen.Select(Gen.String[Gen.Char["ab{}ä"], 0, 8], Gen.String[Gen.Char["ab{}ä€"], 0, 300]).Sample(static (prefix, key) =>
            Assert.Equal(KeySlot.Of(Encoding.UTF8.GetBytes(prefix + key)), KeySlot.Of(Encoding.UTF8.GetBytes(prefix), key)));
}
