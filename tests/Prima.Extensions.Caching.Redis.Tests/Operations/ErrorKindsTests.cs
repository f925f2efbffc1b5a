using Prima.Extensions.Caching.Redis.Operations;
using StackExchange.Redis;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Operations;

public class ErrorKindsTests
{
    [Theory]
    [InlineData(RedisErrorKind.UnknownCommand, true)]
    [InlineData(RedisErrorKind.NoPermission, true)]
    [InlineData(RedisErrorKind.NotPermitted, true)]
    [InlineData(RedisErrorKind.NoScript, false)]
    [InlineData(RedisErrorKind.WrongType, false)]
    [InlineData(RedisErrorKind.OutOfMemory, false)]
    [InlineData(RedisErrorKind.Loading, false)]
    public void Refuses_Error_IsOneOfACommandThatIsNotThere(RedisErrorKind error, bool expected) =>
        Assert.Equal(expected, error.Refuses());

    [Theory]
    [InlineData(RedisErrorKind.Moved, true)]
    [InlineData(RedisErrorKind.TryAgain, true)]
    [InlineData(RedisErrorKind.Loading, true)]
    [InlineData(RedisErrorKind.ReadOnly, true)]
    [InlineData(RedisErrorKind.OutOfMemory, false)]
    [InlineData(RedisErrorKind.WrongType, false)]
    [InlineData(RedisErrorKind.NoPermission, false)]
    public void IsTransient_Error_IsOneThatPasses(RedisErrorKind error, bool expected) =>
        Assert.Equal(expected, error.IsTransient());
}
