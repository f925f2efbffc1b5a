using System.Net;
using System.Net.Sockets;
using Prima.Extensions.Caching.Redis.Connections;
using StackExchange.Redis;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Connections;

public class ServerConfigurationTests
{
    [Fact]
    public void Resolve_NoTimesGiven_AreTheDefaults() =>
        Assert.Equal((10_000, 5_000, 5_000, 30), Times(Resolve(new() { Configuration = "redis://server" })));

    [Theory]
    [InlineData("redis://server?connectTimeout=1000&syncTimeout=2000&asyncTimeout=3000&keepAlive=4")]
    [InlineData("server:6379,connectTimeout=1000,syncTimeout=2000,asyncTimeout=3000,keepAlive=4")]
    [InlineData("server:6379,CONNECTTIMEOUT=1000,SyncTimeout=2000,asynctimeout=3000,KeepAlive=4")]
    public void Resolve_TimesInTheString_AreKept(string text) =>
        Assert.Equal((1_000, 2_000, 3_000, 4), Times(Resolve(new() { Configuration = text })));

    [Fact]
    public void Resolve_TimesInTheStringThatAreTheClientsDefaults_AreKept() =>
        Assert.Equal((5_000, 5_000, 5_000, 60), Times(Resolve(new() { Configuration = "server,connectTimeout=5000,syncTimeout=5000,asyncTimeout=5000,keepAlive=60" })));

    [Fact]
    public void Resolve_OnlySyncTimeoutInTheString_HoldsForAsyncToo() =>
        Assert.Equal((10_000, 2_000, 2_000, 30), Times(Resolve(new() { Configuration = "server,syncTimeout=2000" })));

    [Fact]
    public void Resolve_OnlyAsyncTimeoutInTheString_HoldsForAsyncOnly() =>
        Assert.Equal((10_000, 5_000, 3_000, 30), Times(Resolve(new() { Configuration = "server,asyncTimeout=3000" })));

    [Fact]
    public void Resolve_OptionsAndString_OptionsWin()
    {
        var options = new PrimaRedisCacheOptions
        {
            Configuration = "server,connectTimeout=1000,syncTimeout=2000,asyncTimeout=3000,keepAlive=4",
            ConnectTimeout = TimeSpan.FromSeconds(11),
            CommandTimeout = TimeSpan.FromSeconds(12),
            KeepAlive = TimeSpan.FromSeconds(13),
        };

        Assert.Equal((11_000, 12_000, 12_000, 13), Times(Resolve(options)));
    }

    [Fact]
    public void Resolve_OptionsThatAreTheDefaultsAndString_OptionsWin()
    {
        var options = new PrimaRedisCacheOptions
        {
            Configuration = "server,connectTimeout=1000,syncTimeout=2000,keepAlive=4",
            ConnectTimeout = TimeSpan.FromSeconds(10),
            CommandTimeout = TimeSpan.FromSeconds(5),
            KeepAlive = TimeSpan.FromSeconds(30),
        };

        Assert.Equal((10_000, 5_000, 5_000, 30), Times(Resolve(options)));
    }

    [Fact]
    public void Resolve_TimesInConfigurationOptions_AreKept()
    {
        var given = new ConfigurationOptions { EndPoints = { "server" }, ConnectTimeout = 1_000, SyncTimeout = 2_000, AsyncTimeout = 3_000, KeepAlive = 4 };

        Assert.Equal((1_000, 2_000, 3_000, 4), Times(Resolve(new() { ConfigurationOptions = given })));
    }

    [Fact]
    public void Resolve_ConfigurationOptionsWithoutTimes_HaveOurDefaults() =>
        Assert.Equal((10_000, 5_000, 5_000, 30), Times(Resolve(new() { ConfigurationOptions = Given() })));

    [Theory]
    [InlineData("redis://server")]
    [InlineData("server:6379")]
    [InlineData("server:6379,abortConnect=true")]
    public void Resolve_String_NeverAbortsTheConnect(string text) => Assert.False(Resolve(new() { Configuration = text }).AbortOnConnectFail);

    [Fact]
    public void Resolve_ConfigurationOptions_NeverAbortsTheConnect()
    {
        var given = Given();
        given.AbortOnConnectFail = true;

        Assert.False(Resolve(new() { ConfigurationOptions = given }).AbortOnConnectFail);
    }

    [Fact]
    public void Resolve_Any_LeavesKeysOutOfExceptions() => Assert.False(Resolve(new() { Configuration = "server" }).IncludeDetailInExceptions);

    [Fact]
    public void Resolve_String_ClientNameNamesMachineAndLibrary() =>
        Assert.StartsWith($"{Environment.MachineName}(Prima.Extensions.Caching.Redis-v", Resolve(new() { Configuration = "server" }).ClientName, StringComparison.Ordinal);

    [Theory]
    [InlineData("server,name=clinic")]
    [InlineData("redis://server?name=clinic")]
    public void Resolve_ClientNameGiven_IsKept(string text) => Assert.Equal("clinic", Resolve(new() { Configuration = text }).ClientName);

    [Fact]
    public void Resolve_ClientNameInConfigurationOptions_IsKept()
    {
        var given = Given();
        given.ClientName = "clinic";

        Assert.Equal("clinic", Resolve(new() { ConfigurationOptions = given }).ClientName);
    }

    [Fact]
    public void Resolve_HeartbeatNotGiven_IsAQuarterOfASecond() =>
        Assert.Equal(TimeSpan.FromMilliseconds(250), Resolve(new() { ConfigurationOptions = Given() }).HeartbeatInterval);

    [Fact]
    public void Resolve_HeartbeatGiven_IsKept()
    {
        var given = Given();
        given.HeartbeatInterval = TimeSpan.FromSeconds(2);

        Assert.Equal(given.HeartbeatInterval, Resolve(new() { ConfigurationOptions = given }).HeartbeatInterval);
    }

    [Fact]
    public void Resolve_String_ReconnectsExponentially() =>
        Assert.IsType<ExponentialRetry>(Resolve(new() { Configuration = "server" }).ReconnectRetryPolicy);

    [Fact]
    public void Resolve_ReconnectPolicyGiven_IsKept()
    {
        var given = Given();
        given.ReconnectRetryPolicy = new LinearRetry(1_000);

        Assert.Same(given.ReconnectRetryPolicy, Resolve(new() { ConfigurationOptions = given }).ReconnectRetryPolicy);
    }

    [Fact]
    public void Resolve_ConfigurationOptions_AreNotTheResult()
    {
        var given = Given();

        Assert.NotSame(given, Resolve(new() { ConfigurationOptions = given }));
    }

    [Fact]
    public void Resolve_ConfigurationOptions_KeepTheirString()
    {
        var given = Given();
        var before = given.ToString(includePassword: true);

        Resolve(new() { ConfigurationOptions = given, ConnectTimeout = TimeSpan.FromSeconds(1), CommandTimeout = TimeSpan.FromSeconds(1), KeepAlive = TimeSpan.FromSeconds(1) });

        Assert.Equal(before, given.ToString(includePassword: true));
    }

    [Fact]
    public void Resolve_ConfigurationOptions_KeepAllTheirProperties()
    {
        var given = Given();
        var before = Properties(given);

        Resolve(new() { ConfigurationOptions = given, ConnectTimeout = TimeSpan.FromSeconds(1), CommandTimeout = TimeSpan.FromSeconds(1), KeepAlive = TimeSpan.FromSeconds(1) });

        Assert.Equal(before, Properties(given));
    }

    [Fact]
    public void Resolve_EndpointsOfTheResultChanged_ThoseGivenStay()
    {
        var given = Given();

        Resolve(new() { ConfigurationOptions = given }).EndPoints.Add("another");

        Assert.Equal("server:7000", Endpoints.Of(given));
    }

    [Fact]
    public void Resolve_ConfigurationOptions_KeepTheirServerAndCredentials()
    {
        var resolved = Resolve(new() { ConfigurationOptions = Given() });

        Assert.Equal(("server:7000", "user", "password", 3), (Endpoints.Of(resolved), resolved.User, resolved.Password, resolved.DefaultDatabase));
    }

    [Fact]
    public void Resolve_SocketHookOfTheCaller_IsCalledToo()
    {
        var called = false;
        var given = Given();
        given.BeforeSocketConnect = (_, _, _) => called = true;

        Connecting(Resolve(new() { ConfigurationOptions = given }));

        Assert.True(called);
    }

    [Fact]
    public void Resolve_SocketOnLinux_NoticesASilentPeerInThreeSeconds()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "TCP_USER_TIMEOUT is an option of Linux.");

        Assert.Equal(3_000, Connecting(Resolve(new() { Configuration = "server" })));
    }

    [Fact]
    public void Resolve_ConfigurationOptionsAndString_ConfigurationOptionsWin() =>
        Assert.Equal("server:7000", Endpoints.Of(Resolve(new() { ConfigurationOptions = Given(), Configuration = "redis://other" })));

    [Theory]
    [InlineData("redis://string", "string:6379")]
    [InlineData(null, "environment:6379")]
    [InlineData(" ", "environment:6379")]
    public void Resolve_StringAndEnvironment_StringWins(string? text, string expected)
    {
        var resolved = ServerConfiguration.Resolve(new() { Configuration = text }, name => name == "REDIS_URL" ? "redis://environment" : null);

        Assert.Equal(expected, Endpoints.Of(resolved));
    }

    [Fact]
    public void Resolve_ConfigurationOptionsWithoutEndpoints_SaysSo()
    {
        var exception = Assert.Throws<FormatException>(() => Resolve(new() { ConfigurationOptions = new() }));

        Assert.Contains("PrimaRedisCacheOptions.ConfigurationOptions has no EndPoints", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_WrongString_NamesTheOption()
    {
        var exception = Assert.Throws<FormatException>(() => Resolve(new() { Configuration = "http://server" }));

        Assert.StartsWith("PrimaRedisCacheOptions.Configuration is 'http://server'", exception.Message, StringComparison.Ordinal);
    }

    private static ConfigurationOptions Given() => new()
    {
        EndPoints = { { "server", 7000 } },
        User = "user",
        Password = "password",
        DefaultDatabase = 3,
    };

    private static ConfigurationOptions Resolve(PrimaRedisCacheOptions options) => ServerConfiguration.Resolve(options, _ => null);

    private static (int, int, int, int) Times(ConfigurationOptions configuration) =>
        (configuration.ConnectTimeout, configuration.SyncTimeout, configuration.AsyncTimeout, configuration.KeepAlive);

    private static Dictionary<string, string> Properties(ConfigurationOptions configuration) =>
        typeof(ConfigurationOptions).GetProperties()
            .Where(property => property.CanRead)
            .ToDictionary(property => property.Name, property => property.Name == nameof(configuration.EndPoints) ? Endpoints.Of(configuration) : $"{property.GetValue(configuration)}");

    // What the client does with a socket before it connects; then TCP_USER_TIMEOUT.
    private static int Connecting(ConfigurationOptions configuration)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        configuration.BeforeSocketConnect?.Invoke(new DnsEndPoint("server", 6379), ConnectionType.Interactive, socket);
        Span<byte> milliseconds = stackalloc byte[sizeof(int)];
        return OperatingSystem.IsLinux() && socket.GetRawSocketOption(6, 18, milliseconds) == sizeof(int) ? BitConverter.ToInt32(milliseconds) : 0;
    }
}
