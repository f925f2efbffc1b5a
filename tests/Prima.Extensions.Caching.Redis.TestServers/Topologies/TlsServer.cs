using System.Net;
using Prima.Extensions.Caching.Redis.TestServers.Certificates;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using Prima.Extensions.Caching.Redis.TestServers.Wire;

namespace Prima.Extensions.Caching.Redis.TestServers.Topologies;

/// <summary>A server that speaks TLS only. Clients must be told of <see cref="TestCertificates.AuthorityFile"/>.</summary>
public sealed class TlsServer : IRedisServer
{
    private TlsServer(RedisProcess process) => Process = process;

    /// <inheritdoc/>
    public ServerKind Kind => ServerKind.Process;

    /// <summary>The server process.</summary>
    public RedisProcess Process { get; }

    /// <inheritdoc/>
    public IReadOnlyList<IPEndPoint> EndPoints => Process.EndPoints;

    /// <inheritdoc/>
    public string Configuration => $"{Process.Configuration},ssl=true,sslHost=localhost";

    /// <inheritdoc/>
    public Task<RespConnection> ConnectAsync(CancellationToken cancellationToken = default) => Process.ConnectAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Process.DisposeAsync();

    internal static async Task<TlsServer> StartAsync(ServerCertificate certificate, bool demandClientCertificate)
    {
        TestCertificates files = TestCertificates.Instance;
        string name = certificate.ToString();
        return new TlsServer(await RedisProcess.StartServerAsync(port =>
        [
            "port 0",
            $"tls-port {port}",
            $"tls-cert-file {files.CertificateFile(name)}",
            $"tls-key-file {files.KeyFile(name)}",
            $"tls-ca-cert-file {files.AuthorityFile}",
            $"tls-auth-clients {(demandClientCertificate ? "yes" : "no")}",
        ]));
    }
}
