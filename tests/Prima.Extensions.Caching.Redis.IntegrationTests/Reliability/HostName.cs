using System.Net;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Reliability;

/// <summary>A host name of this test's own, in the hosts file of the machine. A machine that does not allow it skips the test.</summary>
internal sealed class HostName : IDisposable
{
    private const string HostsFile = "/etc/hosts";

    private static readonly Lock Gate = new();

    private readonly string _name = $"prima-test-{Guid.NewGuid():N}.invalid";

    private HostName()
    {
    }

    public static HostName Create()
    {
        var name = new HostName();
        try
        {
            name.MoveTo(IPAddress.Loopback);
            return name;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw TestEnvironment.Missing(ServerKind.Process, $"A host name cannot be moved here: {HostsFile} cannot be written ({exception.GetType().Name}). Run the test as a user who may, in a container.");
        }
    }

    public void MoveTo(IPAddress? address)
    {
        lock (Gate)
        {
            // Written in place: in a container the file is a mount, which cannot be replaced.
            var others = File.ReadAllLines(HostsFile).Where(line => !line.Contains(_name, StringComparison.Ordinal));
            File.WriteAllLines(HostsFile, address is null ? others : others.Append($"{address} {_name}"));
        }
    }

    public override string ToString() => _name;

    public void Dispose() => MoveTo(null);
}
