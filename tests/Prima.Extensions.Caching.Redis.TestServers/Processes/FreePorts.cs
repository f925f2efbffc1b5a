using System.Net;
using System.Net.Sockets;

namespace Prima.Extensions.Caching.Redis.TestServers.Processes;

/// <summary>Hands out pairs of neighbouring loopback ports that nobody listens on, and keeps them for their server while it is down.</summary>
/// <remarks>
/// Each test process has a block of its own, so that it is not given a port whose server another one has just killed and means to
/// restart. All blocks lie below the range that systems take outgoing ports from (32768 on Linux, 49152 elsewhere).
/// </remarks>
internal static class FreePorts
{
    private const int First = 20_000;
    private const int BlockSize = 1_000;
    private const int Blocks = 12;

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Rented = [];
    private static readonly Socket? Mark = MarkBlock(out Block);
    private static readonly int Block;
    private static int _last;

    /// <summary>A port; the next higher one belongs to the caller too. Somebody else may still bind it first, so the caller tries again then.</summary>
    public static int Rent()
    {
        lock (Gate)
        {
            for (int i = 2; i < BlockSize; i += 2)
            {
                _last = (_last % (BlockSize - 2)) + 2;
                int port = Block + _last;
                if (!Rented.Contains(port) && IsFree(port) && IsFree(port + 1))
                {
                    Rented.Add(port);
                    return port;
                }
            }
        }

        throw new InvalidOperationException($"No free loopback ports in {Block}-{Block + BlockSize - 1}.");
    }

    /// <summary>Gives a port back, and the next higher one.</summary>
    public static void Return(int port)
    {
        lock (Gate)
        {
            Rented.Remove(port);
        }
    }

    // A block is taken while its first port is listened on (bound alone would not do: .NET lets addresses be reused), which ends with the process whatever its end is.
    private static Socket? MarkBlock(out int block)
    {
        int start = Random.Shared.Next(Blocks);
        for (int i = 0; i < Blocks; i++)
        {
            block = First + ((start + i) % Blocks * BlockSize);
            if (TryListen(block) is { } mark)
            {
                return mark;
            }
        }

        // More test processes than blocks: two share one, and rarely get into each other's way.
        block = First + (start * BlockSize);
        return null;
    }

    private static bool IsFree(int port)
    {
        using Socket? socket = TryListen(port);
        return socket is not null;
    }

    private static Socket? TryListen(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }
}
