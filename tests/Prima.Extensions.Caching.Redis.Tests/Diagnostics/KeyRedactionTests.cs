using Prima.Extensions.Caching.Redis.Diagnostics;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Diagnostics;

public class KeyRedactionTests
{
    [Fact]
    public void Redact_KeysMayBeLogged_IsTheKey() => Assert.Equal("patient:4711", new KeyRedaction(logKeys: true).Redact("patient:4711"));

    [Fact]
    public void Redact_KeysMayNotBeLogged_IsAHash() => Assert.Matches("^#[0-9a-f]{8}$", new KeyRedaction(logKeys: false).Redact("patient:4711"));

    [Fact]
    public void Redact_SameKey_IsTheSame()
    {
        var redaction = new KeyRedaction(logKeys: false);

        Assert.Equal(redaction.Redact("patient:4711"), redaction.Redact($"patient:{4711}"));
    }

    [Fact]
    public void Redact_OtherKeys_AreTold()
    {
        var redaction = new KeyRedaction(logKeys: false);

        Assert.Distinct(Enumerable.Range(0, 100).Select(number => redaction.Redact($"patient:{number}")));
    }
}
