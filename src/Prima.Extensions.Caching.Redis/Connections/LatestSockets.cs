using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Connections;

/// <summary>The newest socket of one multiplexer to each server, so that an attempt to connect that nobody answers can be given up.</summary>
/// <remarks>
/// The client waits for the answers of a handshake as long as a first connection may take. Where something on the way took the connection and swallows what
/// is sent, Redis may be back for that long before the client tries anew.
/// </remarks>
internal sealed class LatestSockets
{
    // https://man7.org/linux/man-pages/man7/tcp.7.html: TCP_INFO; struct tcp_info begins with the state, and tcpi_last_data_recv (milliseconds) is at 52.
    private const int TcpProtocolLevel = 6;
    private const int TcpInfoOption = 11;
    private const int Established = 1;
    private const int LastReceivedAt = 52;
    private const int Length = LastReceivedAt + sizeof(uint);

    private readonly ConcurrentDictionary<EndPoint, Socket> _sockets = new();

    /// <summary>For <see cref="ConfigurationOptions.BeforeSocketConnect"/>.</summary>
    public void Note(EndPoint endpoint, ConnectionType type, Socket socket)
    {
        if (type == ConnectionType.Interactive)
        {
            _sockets[endpoint] = socket;
        }
    }

    /// <summary>Ends the connection to <paramref name="endpoint"/> if it is made, and not a byte came in for longer than <paramref name="limit"/>.</summary>
    public void GiveUp(EndPoint endpoint, TimeSpan limit)
    {
        if (!OperatingSystem.IsLinux() || !_sockets.TryGetValue(endpoint, out var socket))
        {
            return;
        }

        try
        {
            Span<byte> info = stackalloc byte[Length];
            if (socket.GetRawSocketOption(TcpProtocolLevel, TcpInfoOption, info) == Length && info[0] == Established
                && TimeSpan.FromMilliseconds(BitConverter.ToUInt32(info[LastReceivedAt..])) > limit)
            {
                socket.Shutdown(SocketShutdown.Both);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The client was faster.
        }
    }
}
