using Microsoft.Extensions.Logging.Abstractions;
using Prima.Extensions.Caching.Redis.Connections;
using Prima.Extensions.Caching.Redis.Operations;
using StackExchange.Redis;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Operations;

public class FaultExplanationTests
{
    private const string Marker = "patient-4711";

    public static TheoryData<Exception> Faults =>
    [
        new RedisTimeoutException(CommandFlags.None, Marker, CommandStatus.Sent),
        new RedisConnectionException(ConnectionFailureType.SocketClosed, CommandFlags.None, Marker, new IOException(Marker), CommandStatus.Sent),
        new TimeoutException(Marker),
    ];

    [Theory, MemberData(nameof(Faults))]
    public void Explain_FaultOfAConnectionOfOurs_SaysWhereWhatAndHowThingsStand(Exception fault)
    {
        var explained = Explain(fault, isOurs: true);

        Assert.IsType(fault.GetType(), explained);
        Assert.Equal($"Redis at an address that it was not connected to yet could not serve 'get' (the connection is not made): {Marker}", explained.Message);
    }

    // A client that the caller set up may put keys into its messages.
    [Theory, MemberData(nameof(Faults))]
    public void Explain_FaultOfAConnectionOfTheCaller_HasNothingOfItsMessage(Exception fault)
    {
        var explained = Explain(fault, isOurs: false);

        Assert.IsType(fault.GetType(), explained);
        Assert.DoesNotContain(Marker, explained.ToString(), StringComparison.Ordinal);
        Assert.Contains("could not serve 'get' (the connection is not made): ", explained.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Explain_ErrorThatQuotesTheCommand_HasNoQuote(bool isOurs)
    {
        var error = new RedisServerException(RedisErrorKind.UnknownCommand, CommandFlags.None, $"ERR unknown command 'UNLINK', with args beginning with: '{Marker}'");

        var explained = Assert.IsType<RedisServerException>(Explain(error, isOurs));

        Assert.Equal(RedisErrorKind.UnknownCommand, explained.Kind);
        Assert.DoesNotContain(Marker, explained.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("ERR unknown command 'UNLINK'", explained.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_OfAConnectionFault_KeepsItsKind()
    {
        var explained = Assert.IsType<RedisConnectionException>(Explain(new RedisConnectionException(ConnectionFailureType.SocketClosed, CommandFlags.None, "", null, CommandStatus.Sent), isOurs: true));

        Assert.Equal((ConnectionFailureType.SocketClosed, CommandStatus.Sent), (explained.FailureType, explained.CommandStatus));
    }

    [Theory]
    [InlineData(true, "The connection to Redis was closed.")]
    [InlineData(false, "ConnectionDisposed")]
    public void Explain_CommandThatTheClientCancelled_IsAConnectionFault(bool isOurs, string what)
    {
        var explained = Assert.IsType<RedisConnectionException>(Explain(new TaskCanceledException(Marker), isOurs));

        Assert.Equal(ConnectionFailureType.ConnectionDisposed, explained.FailureType);
        Assert.Equal($"Redis at an address that it was not connected to yet could not serve 'get' (the connection is not made): {what}", explained.Message);
    }

    [Fact]
    public void Explain_DisposedClient_IsLeftAsItIs()
    {
        var fault = new ObjectDisposedException("multiplexer");

        Assert.Same(fault, Explain(fault, isOurs: true));
    }

    private static Exception Explain(Exception fault, bool isOurs)
    {
        var source = new MultiplexerSource(static _ => Task.FromException<IConnectionMultiplexer>(new InvalidOperationException()), isOurs, TimeSpan.FromSeconds(1));
        using var connection = new RedisConnection(source, null, null, NullLogger.Instance, TimeProvider.System);
        return FaultExplanation.Explain(fault, "get", connection, "k");
    }
}
