using Prima.Extensions.Caching.Redis.Hybrid;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Prima.Extensions.Caching.Redis.Hybrid.Leases;
using Prima.Extensions.Caching.Redis.Hybrid.Tags;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Hybrid;

public class KeyRulesTests
{
    public static TheoryData<string> OwnKeys => [TagTable.WildcardKey, TagTable.KeyOf("ward"), ListenerMark.Key, LeaseKey.Of([], "k").ToString()!, "__prima_clock__"];

    [Theory, MemberData(nameof(OwnKeys))]
    public void Problem_OfTheCachesOwnKeys_IsOne(string key)
    {
        Assert.True(KeyRules.IsReserved(key));
        Assert.NotNull(KeyRules.Problem(key, 1024));
    }

    [Theory, InlineData("patient:7"), InlineData("__patient"), InlineData("x__MSFT_HCT__*"), InlineData("__msft_hct__ward"), InlineData("__prima")]
    public void Problem_OfOthers_IsNone(string key) => Assert.Null(KeyRules.Problem(key, 1024));

    [Theory, InlineData(""), InlineData(" "), InlineData("a\u0001"), InlineData("longer than ten")]
    public void Problem_OfWhatMicrosoftsRejects_IsOne(string key) => Assert.NotNull(KeyRules.Problem(key, 10));
}
