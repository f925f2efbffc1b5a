using Prima.Extensions.Caching.Redis.TestServers.Wire;

namespace Prima.Extensions.Caching.Redis.TestServers.Observation;

/// <summary>One server that MONITOR runs on.</summary>
internal sealed class MonitoredServer : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly List<LoggedCommand> _commands = [];
    private readonly CancellationTokenSource _end = new();
    private readonly RespConnection _monitor;
    private readonly RespConnection _marker;
    private readonly Task _reading;

    private MonitoredServer(RespConnection monitor, RespConnection marker)
    {
        _monitor = monitor;
        _marker = marker;
        _reading = ReadAllAsync();
    }

    public static async Task<MonitoredServer> StartAsync(IRedisServer server)
    {
        RespConnection monitor = await server.ConnectAsync();
        await monitor.ExecuteAsync("MONITOR");
        return new MonitoredServer(monitor, await server.ConnectAsync());
    }

    /// <summary>Takes the commands that the server got before now. A marker that comes out at the other end proves that none is still under way.</summary>
    public async Task<IReadOnlyList<LoggedCommand>> TakeAsync()
    {
        string marker = Guid.NewGuid().ToString();
        await _marker.ExecuteAsync("ECHO", marker);
        IReadOnlyList<LoggedCommand>? taken = null;
        await Poll.UntilAsync("MONITOR shows the marker", Deadline, () =>
        {
            // A broken connection never shows it.
            if (_reading.IsFaulted)
            {
                throw new InvalidOperationException("MONITOR ended.", _reading.Exception);
            }

            taken = TakeBefore(marker);
            return taken is not null;
        });
        return taken!;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading.ContinueWith(static _ => { }, TaskScheduler.Default);
        await _monitor.DisposeAsync();
        await _marker.DisposeAsync();
        _end.Dispose();
    }

    private IReadOnlyList<LoggedCommand>? TakeBefore(string marker)
    {
        lock (_gate)
        {
            int index = _commands.FindIndex(c => c.Name == "ECHO" && c.Arguments[0] == marker);
            if (index < 0)
            {
                return null;
            }

            List<LoggedCommand> before = _commands[..index];
            _commands.RemoveRange(0, index + 1);
            return before;
        }
    }

    private async Task ReadAllAsync()
    {
        while (true)
        {
            RespReply line = await _monitor.ReadAsync(_end.Token);
            LoggedCommand command = LoggedCommand.Parse(line.Text!);
            lock (_gate)
            {
                _commands.Add(command);
            }
        }
    }
}
