using System.Net;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Certificates;
using Prima.Extensions.Caching.Redis.TestServers.Faults;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Reliability;

/// <summary>A Redis that does not let the application in, any more. What is checked of each stands in <see cref="FaultOutcome"/>.</summary>
public sealed class AccessFaultTests
{
    private static readonly string[] Shut =
        ["NoAuth", "WrongPass", "AuthenticationFailure", "Timeout", "UnableToConnect", "UnableToResolvePhysicalConnection", "SocketFailure", "SocketClosed"];

    [Fact]
    public async Task NoAuth()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await FaultOutcome.CheckAsync(Fault.Of(
            server,
            server.Configuration,
            async () =>
            {
                await using var connection = await server.ConnectAsync();
                await connection.ExecuteAsync("CONFIG", "SET", "requirepass", "another");
                await connection.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal");
            },
            async () =>
            {
                await using var connection = await server.ConnectAsync();
                await connection.ExecuteAsync("AUTH", "another");
                await connection.ExecuteAsync("CONFIG", "SET", "requirepass", "");
            },
            Shut));
    }

    [Fact]
    public async Task WrongPassword()
    {
        await using var server = await RedisServers.StartProcessAsync();
        var configuration = await server.SetUserAsync("cache", "secret", "~*", "+@all");
        await server.ExecuteAsync("ACL", "SETUSER", "steering", "on", "nopass", "~*", "+@all");
        await FaultOutcome.CheckAsync(Fault.Of(
            server,
            configuration,
            () => SteerAsync(server, ["ACL", "SETUSER", "cache", "resetpass", ">another"], ["ACL", "SETUSER", "default", "off"], ["CLIENT", "KILL", "USER", "cache"]),
            () => SteerAsync(server, ["ACL", "SETUSER", "cache", "resetpass", ">secret"], ["ACL", "SETUSER", "default", "on"]),
            Shut));
    }

    [Fact]
    public async Task NoPermission()
    {
        await using var server = await RedisServers.StartProcessAsync();
        var configuration = await server.SetUserAsync("cache", "secret", "~*", "+@all");
        await FaultOutcome.CheckAsync(Fault.Of(
            server,
            configuration,
            () => server.ExecuteAsync("ACL", "SETUSER", "cache", "-@write", "-@scripting"),
            () => server.ExecuteAsync("ACL", "SETUSER", "cache", "+@write", "+@scripting"),
            "NoPermission") with { Struck = Operations.Set | Operations.Remove, Either = Operations.Refresh });
    }

    // The server is asked for its certificate at the next connection, so that is when an expired one is found.
    [Fact]
    public async Task ExpiredCertificate()
    {
        var files = TestCertificates.Instance;
        await using var good = await RedisServers.StartTlsAsync();
        await using var expired = await RedisServers.StartTlsAsync(ServerCertificate.Expired);
        await using var proxy = FaultProxy.Start(good);
        var configuration = ConfigurationOptions.Parse($"{proxy.Configuration},ssl=true,sslHost=localhost");
        configuration.TrustIssuer(files.AuthorityFile);
        await FaultOutcome.CheckAsync(Fault.Of(good, proxy.Configuration, () => proxy.Redirect(expired.EndPoints[0]), () => proxy.Redirect(good.EndPoints[0]), Shut) with { Configuration = configuration });
    }

    // A name of its own in the hosts file is moved, which only works where that can be written.
    [Fact]
    public async Task NameThatMovesToAnotherAddress()
    {
        using var name = HostName.Create();
        await using var first = await RedisServers.StartProcessAsync("bind 127.0.0.1");
        await using var second = await RedisServers.StartProcessAsync("bind 127.0.0.2", $"port {first.Port}");
        name.MoveTo(IPAddress.Parse("127.0.0.1"));
        await FaultOutcome.CheckAsync(Fault.Of(
            second,
            $"{name}:{first.Port}",
            first.KillAsync,
            () =>
            {
                name.MoveTo(IPAddress.Parse("127.0.0.2"));
                return Task.CompletedTask;
            },
            Shut) with { LosesData = true });
    }

    private static async Task SteerAsync(RedisProcess server, params string[][] commands)
    {
        await using var connection = await server.ConnectAsync();
        await connection.ExecuteAsync("AUTH", "steering", "any");
        foreach (var command in commands)
        {
            await connection.ExecuteAsync(command);
        }
    }
}
