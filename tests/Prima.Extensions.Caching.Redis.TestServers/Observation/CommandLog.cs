namespace Prima.Extensions.Caching.Redis.TestServers.Observation;

/// <summary>Shows which commands servers really got, by MONITOR.</summary>
/// <remarks>
/// It sees all clients, and what the client library sends by itself (PING, INFO, CLIENT, CLUSTER): select by name or key.
/// What a script calls is shown too. MONITOR leaves out AUTH and administration (CONFIG, ACL, CLUSTER SETSLOT and such).
/// </remarks>
public sealed class CommandLog : IAsyncDisposable
{
    private readonly MonitoredServer[] _servers;

    private CommandLog(MonitoredServer[] servers) => _servers = servers;

    /// <summary>Starts to watch servers; of a cluster, name the nodes.</summary>
    public static async Task<CommandLog> StartAsync(params IRedisServer[] servers)
    {
        if (servers.Any(static s => s.Kind == ServerKind.Embedded))
        {
            throw TestEnvironment.Missing(ServerKind.Process, "Garnet has no MONITOR: a command log needs a redis-server process or a container.");
        }

        return new CommandLog(await Task.WhenAll(servers.Select(MonitoredServer.StartAsync)));
    }

    /// <summary>The commands since the start or the last call, in the order of the servers' clocks, without the log's own.</summary>
    public async Task<IReadOnlyList<LoggedCommand>> ReadAsync()
    {
        IReadOnlyList<LoggedCommand>[] taken = await Task.WhenAll(_servers.Select(static s => s.TakeAsync()));
        return [.. taken.SelectMany(static c => c).OrderBy(static c => c.Time)];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (MonitoredServer server in _servers)
        {
            await server.DisposeAsync();
        }
    }
}
