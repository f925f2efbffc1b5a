using System.Text;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Prima.Extensions.Caching.Redis.Connections;
using StackExchange.Redis;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Connections;

public class ConnectionPoolTests
{
    [Fact]
    public void For_SameKeys_AreAlwaysTheSameConnections() =>
        Gen.Select(Gen.Int[1, 64], Gen.String.Array[1, 50]).Sample((size, keys) =>
        {
            using var pool = Create(size);
            var first = keys.Select(key => pool.For(key)).ToArray();
            return keys.Reverse().Select(key => pool.For(new string(key.AsSpan()))).Reverse().SequenceEqual(first);
        });

    [Fact]
    public void For_SameKeyInOtherRepresentations_IsTheSameConnection()
    {
        using var pool = Create(64);

        Assert.All(Enumerable.Range(0, 100), number =>
        {
            RedisKey text = $"clinic:patient:{number}", bytes = Encoding.UTF8.GetBytes($"clinic:patient:{number}");
            RedisKey prefixed = ((RedisKey)Encoding.UTF8.GetBytes("clinic:")).Append($"patient:{number}");
            Assert.Same(pool.For(text), pool.For(bytes));
            Assert.Same(pool.For(text), pool.For(prefixed));
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    public void For_ManyKeys_UsesEveryConnection(int size)
    {
        using var pool = Create(size);

        Assert.Equal(size, Enumerable.Range(0, 10_000).Select(number => pool.For($"patient:{number}")).Distinct().Count());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    public void Create_SizeNotAllowed_Throws(int size) => Assert.Throws<OptionsValidationException>(() => Create(size));

    [Fact]
    public void For_AfterDispose_Throws()
    {
        var pool = Create(1);
        pool.Dispose();

        Assert.Throws<ObjectDisposedException>(() => pool.For("key"));
    }

    [Fact]
    public async Task For_AfterDisposeAsync_Throws()
    {
        var pool = Create(2);
        await pool.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => pool.For("key"));
    }

    [Fact]
    public void IsDisposed_BeforeAndAfterDispose_IsTold()
    {
        var pool = Create(1);
        var before = pool.IsDisposed;
        pool.Dispose();

        Assert.Equal((false, true), (before, pool.IsDisposed));
    }

    private static ConnectionPool Create(int size) =>
        ConnectionPool.Create(new() { Configuration = "127.0.0.1:1", ConnectionPoolSize = size }, NullLoggerFactory.Instance, TimeProvider.System);
}
