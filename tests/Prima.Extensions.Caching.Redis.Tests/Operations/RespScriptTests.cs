using Prima.Extensions.Caching.Redis.Operations;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Operations;

public class RespScriptTests
{
    // What SCRIPT LOAD answers.
    [Theory]
    [InlineData("return 1", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")]
    [InlineData("return \"é\"", "3cf71d276cb9832cebc56895d377282f6a326756")]
    public void Hash_Script_IsTheOneRedisGivesIt(string text, string expected) => Assert.Equal(expected, new RespScript(text).Hash);

    [Fact]
    public void Text_Script_IsAsGiven() => Assert.Equal("return 1", new RespScript("return 1").Text);
}
