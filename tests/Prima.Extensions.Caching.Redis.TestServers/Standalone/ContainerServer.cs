using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using Prima.Extensions.Caching.Redis.TestServers.Wire;
using Testcontainers.Redis;

namespace Prima.Extensions.Caching.Redis.TestServers.Standalone;

/// <summary>Redis in a container, by Testcontainers.</summary>
internal sealed class ContainerServer : IRedisServer
{
    private static readonly TimeSpan EndDeadline = TimeSpan.FromSeconds(15);

    private readonly RedisContainer _container;
    private readonly IPEndPoint _endPoint;
    private readonly AtExit _atExit;

    private ContainerServer(RedisContainer container, IPEndPoint endPoint)
    {
        _container = container;
        _endPoint = endPoint;

        // Testcontainers' own reaper is a second image, which is switched off where no registry is reached.
        _atExit = AtExit.Run(() => Task.Run(() => container.DisposeAsync().AsTask()).Wait(EndDeadline));
    }

    public ServerKind Kind => ServerKind.Container;

    public string Configuration => _endPoint.ToString();

    public IReadOnlyList<IPEndPoint> EndPoints => [_endPoint];

    public static async Task<ContainerServer> StartAsync(CancellationToken cancellationToken)
    {
        RedisContainer container = new RedisBuilder(TestEnvironment.Image).WithLogger(NullLogger.Instance).Build();
        try
        {
            await container.StartAsync(cancellationToken);
            return new ContainerServer(container, await EndPointAsync(container, cancellationToken));
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }

    public Task<RespConnection> ConnectAsync(CancellationToken cancellationToken = default) =>
        RespConnection.ConnectAsync(_endPoint, password: null, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _container.DisposeAsync();
        _atExit.Dispose();
    }

    // Loopback wherever the engine publishes there: "localhost" may be ::1 first, and Testcontainers takes the bridge's address
    // when it runs in a container itself.
    private static async Task<IPEndPoint> EndPointAsync(RedisContainer container, CancellationToken cancellationToken)
    {
        int port = container.GetMappedPublicPort(RedisBuilder.RedisPort);
        var loopback = new IPEndPoint(IPAddress.Loopback, port);
        try
        {
            await using RespConnection connection = await RespConnection.ConnectAsync(loopback, password: null, cancellationToken);
            await connection.ExecuteAsync("PING");
            return loopback;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(container.Hostname, AddressFamily.InterNetwork, cancellationToken);
            return new IPEndPoint(addresses[0], port);
        }
    }
}
