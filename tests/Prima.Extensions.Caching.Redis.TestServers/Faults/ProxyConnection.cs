using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Prima.Extensions.Caching.Redis.TestServers.Faults;

/// <summary>One client's connection through a <see cref="FaultProxy"/>.</summary>
internal sealed class ProxyConnection(FaultProxy proxy, Socket client) : IDisposable
{
    private const int BufferSize = 64 * 1024;
    private const int LongAnswer = 1024;
    private const int ShorterThanAnyAnswer = 3;

    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private volatile bool _hasLostBytes;
    private volatile bool _isStranded;
    private volatile bool _isAbandoned;
    private volatile TaskCompletionSource? _hold;

    /// <summary>Whether bytes were dropped or spoilt, so that requests and answers no longer match.</summary>
    public bool HasLostBytes => _hasLostBytes;

    /// <summary>Whether nothing goes through any more, whatever the proxy's mode is.</summary>
    public bool IsStranded
    {
        get => _isStranded;
        set => _isStranded = value;
    }

    /// <summary>Requests wait here from now on.</summary>
    public void Hold() => _hold ??= new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Resets the client's side. The server's stays, with what is held for it.</summary>
    public void Abandon()
    {
        _isAbandoned = true;
        client.LingerState = new LingerOption(enable: true, seconds: 0);
        client.Dispose();
    }

    /// <summary>Requests that were held reach the server, also where the client has gone meanwhile.</summary>
    public void Release()
    {
        _hold?.TrySetResult();
        _hold = null;
    }

    public async Task RunAsync(IPEndPoint target)
    {
        Task requests = Task.CompletedTask;
        Task answers = Task.CompletedTask;
        try
        {
            client.NoDelay = true;
            await _server.ConnectAsync(target);
            requests = TakeRequestsAsync();
            answers = RelayAnswersAsync();
            await await Task.WhenAny(requests, answers);
            Dispose();
            await Task.WhenAll(requests, answers);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One side broke, or the proxy cut it: the other must see that too.
            Reset();
            await Task.WhenAll(requests, answers).ContinueWith(static t => t.Exception, TaskScheduler.Default);
        }
    }

    /// <summary>Closes both sides with RST instead of FIN.</summary>
    public void Reset()
    {
        foreach (Socket socket in (Socket[])[client, _server])
        {
            try
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Closed already.
            }
        }

        Dispose();
    }

    /// <summary>Closes both sides; what was sent still arrives.</summary>
    public void Dispose()
    {
        client.Dispose();
        _server.Dispose();
        proxy.Forget(this);
    }

    private async Task TakeRequestsAsync()
    {
        byte[] buffer = new byte[BufferSize];
        while (await client.ReceiveAsync(buffer) is var count and > 0)
        {
            proxy.CountFromClient(count);
            if (_isStranded || proxy.Mode == FaultMode.BlackHole)
            {
                _hasLostBytes = true;
                continue;
            }

            if (_hold is { } hold)
            {
                await hold.Task;
            }

            await SendAsync(_server, buffer.AsMemory(0, count));
            if (_isAbandoned)
            {
                return;
            }
        }
    }

    // Taking and giving are two loops, so that a delay makes answers late but not fewer.
    private async Task RelayAnswersAsync()
    {
        Channel<(byte[] Bytes, long Due)> taken = Channel.CreateUnbounded<(byte[], long)>();
        Task giving = GiveAnswersAsync(taken.Reader);
        try
        {
            await TakeAnswersAsync(taken.Writer);
        }
        finally
        {
            taken.Writer.Complete();
        }

        await giving;
    }

    private async Task TakeAnswersAsync(ChannelWriter<(byte[] Bytes, long Due)> taken)
    {
        byte[] buffer = new byte[BufferSize];
        while (await _server.ReceiveAsync(buffer) is var count and > 0)
        {
            proxy.CountFromServer(count);
            long due = Stopwatch.GetTimestamp() + (long)(proxy.AnswerDelay.TotalSeconds * Stopwatch.Frequency);
            await taken.WriteAsync((buffer[..count], due));
        }
    }

    private async Task GiveAnswersAsync(ChannelReader<(byte[] Bytes, long Due)> taken)
    {
        await foreach ((byte[] bytes, long due) in taken.ReadAllAsync())
        {
            if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is var wait && wait > TimeSpan.Zero)
            {
                await Task.Delay(wait);
            }

            FaultMode mode = _isStranded ? FaultMode.BlackHole : proxy.Mode;
            _hasLostBytes |= mode != FaultMode.Pass;
            if (mode == FaultMode.Corrupt)
            {
                Array.Fill(bytes, (byte)'?');
            }

            if (mode is FaultMode.Pass or FaultMode.Corrupt)
            {
                await SendAsync(client, bytes);
            }
            else if (mode is FaultMode.CutAnswers)
            {
                await SendAsync(client, bytes.AsMemory(0, bytes.Length < LongAnswer ? ShorterThanAnyAnswer : bytes.Length / 2));
                Dispose();
                return;
            }
        }
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes)..];
        }
    }
}
