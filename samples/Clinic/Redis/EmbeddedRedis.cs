using System.Net;
using System.Net.Sockets;
using Garnet;

namespace Clinic.Redis;

/// <summary>A Garnet in this process, so that the sample runs where no Redis is installed.</summary>
internal sealed class EmbeddedRedis : IDisposable
{
    private const int Attempts = 5;

    private readonly Lock _gate = new();
    private readonly int _port;
    private GarnetServer? _server;

    private EmbeddedRedis(GarnetServer server, int port)
    {
        _server = server;
        _port = port;
        Address = $"{IPAddress.Loopback}:{port}";
        Server = new RedisServer(Address, IsEmbedded: true);
    }

    public string Address { get; }

    public RedisServer Server { get; }

    public bool IsRunning => Volatile.Read(ref _server) is not null;

    /// <summary>Starts a server on a free port of the loopback interface.</summary>
    public static EmbeddedRedis StartNew()
    {
        for (int attempt = 1; ; attempt++)
        {
            int port = FindFreePort();
            try
            {
                return new EmbeddedRedis(Launch(port), port);
            }
            catch (SocketException) when (attempt < Attempts)
            {
                // Somebody else took the port since it was found free.
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException("The embedded Garnet did not start. Set REDIS_URL=redis://127.0.0.1:6379 to use a Redis of your own.", fault);
            }
        }
    }

    /// <summary>Ends the server: its connections break, and what it has is gone.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _server?.Dispose();
            Volatile.Write(ref _server, null);
        }
    }

    /// <summary>Starts the server again, empty, on the same port.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_server is null)
            {
                Volatile.Write(ref _server, Launch(_port));
            }
        }
    }

    public void Dispose() => Stop();

    private static GarnetServer Launch(int port)
    {
        var server = new GarnetServer(Arguments(port));
        try
        {
            server.Start();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    // Small and in memory only; without -q and --disable-console-logger it writes to the application's console.
    private static string[] Arguments(int port) =>
    [
        "--bind", IPAddress.Loopback.ToString(), "--port", $"{port}",
        "--memory", "64m", "--index", "1m", "--page", "1m",
        "--lua", "-q", "--disable-console-logger",
    ];

    // Garnet does not tell which port it got when it is given port 0.
    private static int FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
