using System.IO.Pipes;
using System.Net.Sockets;
using System.Text;

namespace Prima.Extensions.Caching.Redis.TestServers.Standalone;

/// <summary>Says cheaply whether a container engine answers, so that a machine without one loses no time.</summary>
internal static class ContainerEngine
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    // What Testcontainers asks for unless told otherwise; it does not negotiate, and an older engine refuses it.
    private static readonly Version AskedFor = new(1, 44);

    /// <summary>Null when an engine answered, else what happened instead.</summary>
    public static async Task<string?> ProblemAsync()
    {
        using var timeout = new CancellationTokenSource(Deadline);
        Uri address = Address();
        try
        {
            await using Stream stream = await OpenAsync(address, timeout.Token);
            await stream.WriteAsync("GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n"u8.ToArray(), timeout.Token);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            string answer = await reader.ReadToEndAsync(timeout.Token);
            AskForItsVersion(answer);
            string status = answer.Split('\r')[0];
            return status.Contains(" 200", StringComparison.Ordinal) ? null : $"the container engine at {address} answered '{status}'";
        }
        catch (Exception e) when (e is SocketException or IOException or TimeoutException or OperationCanceledException)
        {
            return $"no container engine answers at {address} ({e.Message})";
        }
    }

    private static void AskForItsVersion(string answer)
    {
        const string variable = "DOCKER_API_VERSION";
        const string header = "Api-Version:";
        string? line = answer.Split("\r\n").FirstOrDefault(static l => l.StartsWith(header, StringComparison.OrdinalIgnoreCase));
        if (Version.TryParse(line?[header.Length..], out Version? version) && version < AskedFor
            && Environment.GetEnvironmentVariable(variable) is null)
        {
            Environment.SetEnvironmentVariable(variable, version.ToString());
        }
    }

    private static Uri Address()
    {
        if (Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } host)
        {
            return new Uri(host);
        }

        if (OperatingSystem.IsWindows())
        {
            return new Uri("npipe://./pipe/docker_engine");
        }

        const string system = "/var/run/docker.sock";
        string desktop = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker/run/docker.sock");
        return new Uri("unix://" + (!File.Exists(system) && File.Exists(desktop) ? desktop : system));
    }

    private static async Task<Stream> OpenAsync(Uri address, CancellationToken cancellationToken)
    {
        if (address.Scheme == "npipe")
        {
            var pipe = new NamedPipeClientStream(".", Path.GetFileName(address.AbsolutePath), PipeDirection.InOut, PipeOptions.Asynchronous);
            await pipe.ConnectAsync(cancellationToken);
            return pipe;
        }

        bool local = address.Scheme == "unix";
        var socket = local
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (local)
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(address.AbsolutePath), cancellationToken);
            }
            else
            {
                await socket.ConnectAsync(address.Host, address.Port, cancellationToken);
            }

            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
