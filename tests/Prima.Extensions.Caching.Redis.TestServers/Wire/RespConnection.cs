using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Prima.Extensions.Caching.Redis.TestServers.Wire;

/// <summary>The smallest RESP2 client: one command, one reply, one connection; not thread-safe.</summary>
/// <remarks>Test servers are steered with this and not with StackExchange.Redis, which follows redirects, reconnects and sends commands of its own.</remarks>
public sealed class RespConnection : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly NetworkStream _stream;
    private readonly PipeReader _reader;

    private RespConnection(Socket socket)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = PipeReader.Create(_stream, new StreamPipeReaderOptions(leaveOpen: true));
    }

    /// <summary>Connects, and logs in where a password is given.</summary>
    public static async Task<RespConnection> ConnectAsync(EndPoint endPoint, string? password = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        bool local = endPoint is UnixDomainSocketEndPoint;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, local ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            if (!local)
            {
                socket.NoDelay = true;
            }

            await socket.ConnectAsync(endPoint, cancellationToken);
            var connection = new RespConnection(socket);
            if (password is not null)
            {
                await connection.ExecuteAsync("AUTH", password);
            }

            return connection;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a command and reads its reply, for at most 10 s.</summary>
    public async Task<RespReply> ExecuteAsync(params string[] command)
    {
        using var timeout = new CancellationTokenSource(Deadline);
        await _stream.WriteAsync(Render(command), timeout.Token);
        return await ReadAsync(timeout.Token);
    }

    /// <summary>Reads the next reply; MONITOR sends them unasked.</summary>
    public async Task<RespReply> ReadAsync(CancellationToken cancellationToken)
    {
        string line = await ReadLineAsync(cancellationToken);
        string rest = line[1..];
        switch (line[0])
        {
            case '-':
                throw new RespErrorException(rest);
            case '$':
                int length = int.Parse(rest, System.Globalization.CultureInfo.InvariantCulture);
                return new RespReply(length < 0 ? null : await ReadTextAsync(length, cancellationToken), []);
            case '*':
                int count = int.Parse(rest, System.Globalization.CultureInfo.InvariantCulture);
                var items = new List<RespReply>();
                for (int i = 0; i < count; i++)
                {
                    items.Add(await ReadAsync(cancellationToken));
                }

                return new RespReply(null, items);
            default:
                return new RespReply(rest, []);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _reader.CompleteAsync();
        await _stream.DisposeAsync();
    }

    private static byte[] Render(string[] command)
    {
        var buffer = new StringBuilder().Append('*').Append(command.Length).Append("\r\n");
        foreach (string part in command)
        {
            buffer.Append('$').Append(Encoding.UTF8.GetByteCount(part)).Append("\r\n").Append(part).Append("\r\n");
        }

        return Encoding.UTF8.GetBytes(buffer.ToString());
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await _reader.ReadAsync(cancellationToken);
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                string line = Encoding.UTF8.GetString(read.Buffer.Slice(0, end)).TrimEnd('\r');
                _reader.AdvanceTo(read.Buffer.GetPosition(1, end));
                return line;
            }

            EnsureMore(read);
        }
    }

    private async Task<string> ReadTextAsync(int length, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await _reader.ReadAsync(cancellationToken);
            if (read.Buffer.Length >= length + 2)
            {
                string text = Encoding.UTF8.GetString(read.Buffer.Slice(0, length));
                _reader.AdvanceTo(read.Buffer.GetPosition(length + 2));
                return text;
            }

            EnsureMore(read);
        }
    }

    private void EnsureMore(ReadResult read)
    {
        _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        if (read.IsCompleted)
        {
            throw new IOException("The server closed the connection.");
        }
    }
}
