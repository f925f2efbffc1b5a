using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace Prima.Extensions.Caching.Redis.Connections;

/// <summary>What the client does where neither the caller's options nor the connection string say anything.</summary>
internal sealed class ClientDefaults : DefaultOptionsProvider
{
    /// <summary>The client notices timeouts and lost connections at its heartbeat only.</summary>
    public override TimeSpan HeartbeatInterval => TimeSpan.FromMilliseconds(250);

    /// <summary>From half a second to one, with jitter: a fleet does not storm a server that comes back, and is yet served again within two seconds.</summary>
    public override IReconnectRetryPolicy ReconnectRetryPolicy { get; } = new ExponentialRetry(500, 1000);
}
