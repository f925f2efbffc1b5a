using System.Security.Cryptography.X509Certificates;
using Prima.Extensions.Caching.Redis.TestServers.Processes;

namespace Prima.Extensions.Caching.Redis.TestServers.Certificates;

/// <summary>The certificates of the test process, as PEM files in a directory that goes away with it.</summary>
public sealed class TestCertificates
{
    private static readonly Lazy<TestCertificates> Made = new(static () => new TestCertificates());

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("prima-tls-");

    private TestCertificates()
    {
        AtExit.Run(() => _directory.Delete(recursive: true));
        using var authority = new CertificateAuthority("Prima test authority");
        using var other = new CertificateAuthority("Another authority");
        File.WriteAllText(AuthorityFile, authority.Pem);
        File.WriteAllText(OtherAuthorityFile, other.Pem);
        Write("client", authority.IssueClient("client"));
        Write("other-client", other.IssueClient("other-client"));
        Write(nameof(ServerCertificate.Trusted), authority.IssueServer("localhost"));
        Write(nameof(ServerCertificate.OtherAuthority), other.IssueServer("localhost"));
        Write(nameof(ServerCertificate.Expired), authority.IssueServer("localhost", expired: true));
        Write(nameof(ServerCertificate.OtherHost), authority.IssueServer("elsewhere.invalid"));
    }

    /// <summary>Made by the first who asks.</summary>
    public static TestCertificates Instance => Made.Value;

    /// <summary>The authority that clients are to trust.</summary>
    public string AuthorityFile => PathOf("authority.pem");

    /// <summary>The authority of <see cref="ServerCertificate.OtherAuthority"/>.</summary>
    public string OtherAuthorityFile => PathOf("other-authority.pem");

    /// <summary>A client certificate that the TLS server accepts.</summary>
    public string ClientCertificateFile => CertificateFile("client");

    /// <summary>The key of <see cref="ClientCertificateFile"/>.</summary>
    public string ClientKeyFile => KeyFile("client");

    /// <summary>A client certificate that the TLS server refuses.</summary>
    public string OtherClientCertificateFile => CertificateFile("other-client");

    /// <summary>The key of <see cref="OtherClientCertificateFile"/>.</summary>
    public string OtherClientKeyFile => KeyFile("other-client");

    internal string CertificateFile(string name) => PathOf(name + ".pem");

    internal string KeyFile(string name) => PathOf(name + ".key");

    private string PathOf(string file) => Path.Combine(_directory.FullName, file);

    private void Write(string name, X509Certificate2 certificate)
    {
        using (certificate)
        {
            File.WriteAllText(CertificateFile(name), certificate.ExportCertificatePem());
            File.WriteAllText(KeyFile(name), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        }
    }
}
