using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Prima.Extensions.Caching.Redis.TestServers.Wire;

namespace Prima.Extensions.Caching.Redis.TestServers.Processes;

/// <summary>One redis-server or redis-sentinel process on a loopback port: can be killed, hung and restarted.</summary>
/// <remarks>It dies with the test process, whether that exits or is killed. Nothing is saved: a restarted server is empty unless its settings say otherwise.</remarks>
public sealed class RedisProcess : IRedisServer
{
    internal const string Server = "redis-server";
    internal const string Sentinel = "redis-sentinel";

    private const int BindAttempts = 5;
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(20);

    private readonly string _program;
    private readonly string? _password;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("prima-redis-");
    private readonly ProcessOutput _output = new();
    private readonly AtExit _atExit;
    private Process? _process;
    private bool _suspended;

    private RedisProcess(string program, int port, IReadOnlyList<string> settings)
    {
        _program = program;
        Port = port;
        _password = settings.LastOrDefault(s => s.StartsWith("requirepass ", StringComparison.Ordinal))?["requirepass ".Length..].Trim('"');
        _atExit = AtExit.Run(End);
        File.WriteAllLines(ConfigurationFile,
        [
            "bind 127.0.0.1",
            "protected-mode no",
            $"dir {_directory.FullName}",
            $"unixsocket {SocketFile}",
            .. settings,
        ]);
    }

    /// <inheritdoc/>
    public ServerKind Kind => ServerKind.Process;

    /// <summary>The TCP port on 127.0.0.1; it stays the same over restarts.</summary>
    public int Port { get; }

    /// <summary>The address.</summary>
    public IPEndPoint EndPoint => new(IPAddress.Loopback, Port);

    /// <inheritdoc/>
    public IReadOnlyList<IPEndPoint> EndPoints => [EndPoint];

    /// <inheritdoc/>
    public string Configuration => _password is null ? $"127.0.0.1:{Port}" : $"127.0.0.1:{Port},password={_password}";

    /// <summary>The id of the process.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>False after a kill, until the restart.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>False while it is killed or hung.</summary>
    public bool IsAnswering => IsRunning && !_suspended;

    /// <summary>The last lines of its log.</summary>
    public string Output => _output.ToString();

    private string ConfigurationFile => Path.Combine(_directory.FullName, "redis.conf");

    // Test traffic never takes this way, so it needs neither TLS nor the port, and an answer here is an answer of this process.
    private string SocketFile => Path.Combine(_directory.FullName, "redis.sock");

    /// <inheritdoc/>
    public Task<RespConnection> ConnectAsync(CancellationToken cancellationToken = default) =>
        RespConnection.ConnectAsync(new UnixDomainSocketEndPoint(SocketFile), _password, cancellationToken);

    /// <summary>SIGKILL: connections break at once, and nothing is said goodbye to.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    /// <summary>SIGSTOP: the server hangs. Its sockets stay open and accept, but nothing is answered.</summary>
    public void Suspend()
    {
        Signal.SendStop(ProcessId);
        _suspended = true;
    }

    /// <summary>SIGCONT: the server goes on where it hung.</summary>
    public void Resume()
    {
        Signal.SendContinue(ProcessId);
        _suspended = false;
    }

    /// <summary>Starts it again on the same port and with the same files, killing it before where it still runs.</summary>
    public async Task RestartAsync()
    {
        await KillAsync();
        if (!await LaunchAsync())
        {
            throw Failure();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _atExit.Dispose();
        End();
        FreePorts.Return(Port);
    }

    /// <summary>Starts a data server with further lines of redis.conf, which win over the usual ones.</summary>
    internal static Task<RedisProcess> StartServerAsync(IEnumerable<string> settings) => StartServerAsync(_ => settings);

    /// <summary>Starts a data server with further lines that depend on its port.</summary>
    internal static Task<RedisProcess> StartServerAsync(Func<int, IEnumerable<string>> settings) =>
        StartAsync(Server, port =>
        [
            $"port {port}",
            "save \"\"",
            "appendonly no",
            "enable-debug-command local",
            "repl-diskless-sync-delay 0",
            "repl-ping-replica-period 1",
            .. settings(port),
        ]);

    /// <summary>Starts a program, again with another port where somebody else was faster to bind it.</summary>
    internal static async Task<RedisProcess> StartAsync(string program, Func<int, IReadOnlyList<string>> settings)
    {
        for (int attempt = 1; ; attempt++)
        {
            int port = FreePorts.Rent();
            var process = new RedisProcess(program, port, settings(port));
            try
            {
                if (await process.LaunchAsync())
                {
                    return process;
                }
            }
            catch
            {
                await process.DisposeAsync();
                throw;
            }

            await process.DisposeAsync();
            if (attempt == BindAttempts || !process.Output.Contains("already in use", StringComparison.Ordinal))
            {
                throw process.Failure();
            }
        }
    }

    /// <summary>Starts the process and waits for its first answer; false when it exited instead.</summary>
    private async Task<bool> LaunchAsync()
    {
        _process?.Dispose();
        File.Delete(SocketFile);
        var start = new ProcessStartInfo(_program, [ConfigurationFile]) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process process = Process.Start(start)!;
        _process = process;
        _suspended = false;
        Watchdog.Guard(process.Id, _directory.FullName);
        _output.Follow(process);
        await Poll.UntilAsync($"{_program} on port {Port} answers PING", StartDeadline, async () => process.HasExited || await AnswersAsync());
        if (process.HasExited)
        {
            await process.WaitForExitAsync();
            return false;
        }

        return true;
    }

    private async Task<bool> AnswersAsync()
    {
        await using RespConnection connection = await ConnectAsync();
        await connection.ExecuteAsync("PING");
        return true;
    }

    private InvalidOperationException Failure() => new($"{_program} on port {Port} did not start:{Environment.NewLine}{Output}");

    private void End()
    {
        if (IsRunning)
        {
            _process!.Kill();
        }

        _process?.Dispose();
        _process = null;
        if (_directory.Exists)
        {
            _directory.Delete(recursive: true);
        }
    }
}
