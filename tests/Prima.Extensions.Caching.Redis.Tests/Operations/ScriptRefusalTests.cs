using Prima.Extensions.Caching.Redis.Operations;
using StackExchange.Redis;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Operations;

public class ScriptRefusalTests
{
    [Theory]
    [InlineData(RedisErrorKind.UnknownCommand, true)]
    [InlineData(RedisErrorKind.NoPermission, true)]
    [InlineData(RedisErrorKind.NoScript, false)]
    [InlineData(RedisErrorKind.WrongType, false)]
    [InlineData(RedisErrorKind.OutOfMemory, false)]
    public void RefusesScripts_Error_IsOneOfAServerThatRunsNone(RedisErrorKind error, bool expected) =>
        Assert.Equal(expected, error.RefusesScripts());
}
