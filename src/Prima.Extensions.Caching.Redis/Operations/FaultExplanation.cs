using Prima.Extensions.Caching.Redis.Connections;
using Prima.Extensions.Caching.Redis.Diagnostics;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>Makes of the client's exception one that says where, what and how things stand.</summary>
internal static class FaultExplanation
{
    /// <summary>What is to be said of a command that the client cancelled, because somebody closed its multiplexer.</summary>
    public static RedisConnectionException ClosedConnection() =>
        new(ConnectionFailureType.ConnectionDisposed, CommandFlags.None, "The connection to Redis was closed.");

    /// <summary>A fault as the caller is to see it: of the client's type and kind, with the server, the operation and the state of the connection, and no key.</summary>
    public static Exception Explain(Exception fault, string operation, RedisConnection connection, RedisKey key)
    {
        fault = fault is OperationCanceledException ? ClosedConnection() : fault;

        // A client that the caller set up may put keys into its messages.
        var isOurs = connection.OwnsMultiplexer;
        var what = fault is RedisServerException error ? error.WithoutArguments().Message : isOurs ? fault.Message : FaultKind.Of(fault);
        var message = $"Redis at {connection.EndPointOf(key)} could not serve '{operation}' (the connection is {connection.StateOf(key)}): {what}";
        var cause = isOurs ? fault : null;
        return fault switch
        {
            RedisServerException server => new RedisServerException(server.Kind, server.Flags, message),
            RedisTimeoutException timeout => new RedisTimeoutException(CommandFlags.None, message, timeout.Commandstatus),
            RedisConnectionException broken => new RedisConnectionException(broken.FailureType, CommandFlags.None, message, cause, broken.CommandStatus),
            TimeoutException => new TimeoutException(message, cause),
            _ => fault,
        };
    }
}
