using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Garnet;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using Prima.Extensions.Caching.Redis.TestServers.Wire;

namespace Prima.Extensions.Caching.Redis.TestServers.Standalone;

/// <summary>Microsoft.Garnet inside the test process: nothing to install, but not every command of Redis.</summary>
internal sealed class EmbeddedServer : IRedisServer
{
    private const int BindAttempts = 5;

    private readonly GarnetServer _server;
    private readonly IPEndPoint _endPoint;

    private EmbeddedServer(GarnetServer server, int port)
    {
        _server = server;
        _endPoint = new IPEndPoint(IPAddress.Loopback, port);
    }

    public ServerKind Kind => ServerKind.Embedded;

    public string Configuration => _endPoint.ToString();

    public IReadOnlyList<IPEndPoint> EndPoints => [_endPoint];

    public static EmbeddedServer Start()
    {
        for (int attempt = 1; ; attempt++)
        {
            int port = FreePorts.Rent();
            try
            {
                return Start(port);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse && attempt < BindAttempts)
            {
                // Somebody else was faster; the next port.
                FreePorts.Return(port);
            }
        }
    }

    public Task<RespConnection> ConnectAsync(CancellationToken cancellationToken = default) =>
        RespConnection.ConnectAsync(_endPoint, password: null, cancellationToken);

    public ValueTask DisposeAsync()
    {
        _server.Dispose();
        FreePorts.Return(_endPoint.Port);
        return ValueTask.CompletedTask;
    }

    private static EmbeddedServer Start(int port)
    {
        string[] arguments =
        [
            "--port", port.ToString(CultureInfo.InvariantCulture),
            "--bind", "127.0.0.1",
            "-m", "64m",
            "-i", "1m",
            "--page", "1m",
            "--lua",
            "--auth", "ACL",
            "-q",
        ];
        var server = new GarnetServer(arguments);
        try
        {
            server.Start();
            return new EmbeddedServer(server, port);
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }
}
