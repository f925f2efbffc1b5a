using System.Net;
using Prima.Extensions.Caching.Redis.TestServers.Wire;

namespace Prima.Extensions.Caching.Redis.TestServers;

/// <summary>A Redis server, or several that form one, started for tests. Disposing it ends it.</summary>
public interface IRedisServer : IAsyncDisposable
{
    /// <summary>How it is run.</summary>
    ServerKind Kind { get; }

    /// <summary>The StackExchange.Redis configuration string, with every endpoint a client should know.</summary>
    string Configuration { get; }

    /// <summary>The addresses in <see cref="Configuration"/>; never empty.</summary>
    IReadOnlyList<IPEndPoint> EndPoints { get; }

    /// <summary>Opens a plain connection of the test's own, to the server itself or to its first node.</summary>
    /// <remarks>It goes round TLS and needs no client library, so it works where the tested path is broken on purpose.</remarks>
    Task<RespConnection> ConnectAsync(CancellationToken cancellationToken = default);
}
