using System.Net;
using System.Net.Sockets;
using Prima.Extensions.Caching.Redis.TestServers.Processes;

namespace Prima.Extensions.Caching.Redis.TestServers.Faults;

/// <summary>A TCP proxy on a loopback port in front of one server, whose behaviour can be changed at any time.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private const int BindAttempts = 5;

    private volatile IPEndPoint _target;
    private readonly Lock _gate = new();
    private readonly HashSet<ProxyConnection> _connections = [];
    private Socket? _listener;
    private volatile FaultMode _mode;
    private long _answerDelayTicks;
    private long _bytesFromClients;
    private long _bytesFromServer;
    private int _accepted;

    private FaultProxy(IPEndPoint target)
    {
        _target = target;
        for (int attempt = 1; _listener is null; attempt++)
        {
            EndPoint = new IPEndPoint(IPAddress.Loopback, FreePorts.Rent());
            try
            {
                Listen();
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse && attempt < BindAttempts)
            {
                // Somebody else was faster; the next port.
                FreePorts.Return(EndPoint.Port);
            }
        }
    }

    /// <summary>Where clients connect to; the same over <see cref="FaultMode.Refuse"/>.</summary>
    public IPEndPoint EndPoint { get; private set; } = null!;

    /// <summary>The StackExchange.Redis configuration string of the proxy.</summary>
    public string Configuration => EndPoint.ToString();

    /// <summary>What is done with the traffic from now on.</summary>
    /// <remarks>Leaving a mode in which bytes were lost or spoilt resets the connections that lost them: no client could find its place again.</remarks>
    public FaultMode Mode
    {
        get => _mode;
        set => Switch(value);
    }

    /// <summary>How much later each answer arrives; later answers do not queue up behind earlier ones. <value>The default is zero.</value></summary>
    public TimeSpan AnswerDelay
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _answerDelayTicks));
        set => Interlocked.Exchange(ref _answerDelayTicks, value.Ticks);
    }

    /// <summary>Bytes that clients sent, whether or not they went through.</summary>
    public long BytesFromClients => Interlocked.Read(ref _bytesFromClients);

    /// <summary>Bytes that the server sent, whether or not they went through.</summary>
    public long BytesFromServer => Interlocked.Read(ref _bytesFromServer);

    /// <summary>Connections accepted since the start.</summary>
    public int AcceptedConnections => Volatile.Read(ref _accepted);

    /// <summary>Connections open now.</summary>
    public int OpenConnections
    {
        get
        {
            lock (_gate)
            {
                return _connections.Count;
            }
        }
    }

    /// <summary>Starts a proxy in front of the first endpoint of a server.</summary>
    public static FaultProxy Start(IRedisServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return Start(server.EndPoints[0]);
    }

    /// <summary>Starts a proxy in front of an address.</summary>
    public static FaultProxy Start(IPEndPoint target) => new(target);

    /// <summary>Resets (RST) all connections; new ones are served as the mode says.</summary>
    public void CutAll() => Cut(static _ => true);

    /// <summary>Stands in front of another server from now on, and resets all connections to the one before.</summary>
    public void Redirect(IPEndPoint target)
    {
        _target = target;
        CutAll();
    }

    /// <summary>The connections of now fall silent for good, and are not reset: a firewall that forgot them. New ones are served as the mode says.</summary>
    public void StrandAll() => ForEach(static connection => connection.IsStranded = true);

    /// <summary>What is sent on the connections of now is held on its way; new connections are not concerned.</summary>
    public void HoldAll() => ForEach(static connection => connection.Hold());

    /// <summary>Resets the clients' sides of the connections of now. What is held can still reach the server.</summary>
    public void AbandonAll() => ForEach(static connection => connection.Abandon());

    /// <summary>What is held reaches the server after all, even if its sender has closed the connection meanwhile.</summary>
    public void ReleaseAll() => ForEach(static connection => connection.Release());

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Switch(FaultMode.Refuse);
        FreePorts.Return(EndPoint.Port);
        return ValueTask.CompletedTask;
    }

    internal void CountFromClient(int bytes) => Interlocked.Add(ref _bytesFromClients, bytes);

    internal void CountFromServer(int bytes) => Interlocked.Add(ref _bytesFromServer, bytes);

    internal void Forget(ProxyConnection connection)
    {
        lock (_gate)
        {
            _connections.Remove(connection);
        }
    }

    private void Switch(FaultMode mode)
    {
        lock (_gate)
        {
            FaultMode before = _mode;
            _mode = mode;
            if (mode == FaultMode.Refuse)
            {
                _listener?.Dispose();
                _listener = null;
            }
            else if (before == FaultMode.Refuse)
            {
                Listen();
            }
        }

        Cut(connection => mode == FaultMode.Refuse || (connection.HasLostBytes && !connection.IsStranded));
    }

    private void Cut(Func<ProxyConnection, bool> choose)
    {
        ProxyConnection[] chosen;
        lock (_gate)
        {
            chosen = [.. _connections.Where(choose)];
        }

        foreach (ProxyConnection connection in chosen)
        {
            connection.Reset();
        }
    }

    private void ForEach(Action<ProxyConnection> action)
    {
        lock (_gate)
        {
            foreach (ProxyConnection connection in _connections)
            {
                action(connection);
            }
        }
    }

    private void Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(EndPoint);
            listener.Listen();
        }
        catch
        {
            listener.Dispose();
            throw;
        }

        _listener = listener;
        _ = AcceptAllAsync(listener);
    }

    private async Task AcceptAllAsync(Socket listener)
    {
        while (true)
        {
            try
            {
                Socket client = await listener.AcceptAsync();
                Interlocked.Increment(ref _accepted);
                _ = ServeAsync(client);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Refuse closed the listener.
                return;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var connection = new ProxyConnection(this, client);
        lock (_gate)
        {
            _connections.Add(connection);
        }

        // Accepted just before Refuse cut the others.
        if (_mode == FaultMode.Refuse)
        {
            connection.Reset();
            return;
        }

        await connection.RunAsync(_target);
    }
}
