using System.Net.Sockets;
using System.Reflection;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace Prima.Extensions.Caching.Redis.Connections;

/// <summary>From our options, or the environment, to the client's options.</summary>
internal static class ServerConfiguration
{
    // Unanswered data on an established connection, after which Linux gives it up (tcp(7), TCP_USER_TIMEOUT, milliseconds).
    // Without it a peer that vanished is noticed only after several command timeouts.
    private const int TcpUserTimeoutMilliseconds = 3000;
    private const int TcpProtocolLevel = 6;
    private const int TcpUserTimeoutOption = 18;

    private static readonly string DefaultClientName =
        $"{Environment.MachineName}(Prima.Extensions.Caching.Redis-v{typeof(ServerConfiguration).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]})";

    /// <summary>The client's options for what <paramref name="options"/> or the environment name. Nothing that the caller owns is changed.</summary>
    /// <exception cref="FormatException">Nothing is configured, or what is cannot be understood; the message says what, and what is accepted.</exception>
    public static ConfigurationOptions Resolve(PrimaRedisCacheOptions options, Func<string, string?> getEnvironmentVariable)
    {
        if (options.ConfigurationOptions is { } given)
        {
            if (given.EndPoints.Count == 0)
            {
                throw new FormatException($"{nameof(PrimaRedisCacheOptions)}.{nameof(PrimaRedisCacheOptions.ConfigurationOptions)} has no EndPoints; at least one is needed.");
            }

            return Prepare(given.Clone(), options);
        }

        return Prepare(
            string.IsNullOrWhiteSpace(options.Configuration)
                ? EnvironmentServer.Read(getEnvironmentVariable)
                : ServerAddress.Parse(options.Configuration, $"{nameof(PrimaRedisCacheOptions)}.{nameof(PrimaRedisCacheOptions.Configuration)}"),
            options);
    }

    private static ConfigurationOptions Prepare(ConfigurationOptions configuration, PrimaRedisCacheOptions options)
    {
        // Start-up never waits for Redis: the client keeps trying in the background.
        configuration.AbortOnConnectFail = false;

        // Details of a timeout name keys that happen to be under way.
        configuration.IncludeDetailInExceptions = false;

        configuration.ClientName ??= DefaultClientName;
        configuration.CircuitBreaker ??= TimeoutBreaker.Instance;
        configuration.RequestBufferPool ??= MessageBufferPool.Instance;
        configuration.ResponseBufferPool ??= MessageBufferPool.Instance;
        if (configuration.Defaults.GetType() == typeof(DefaultOptionsProvider))
        {
            configuration.Defaults = new ClientDefaults();
        }

        ApplyTimeouts(configuration, options);
        if (OperatingSystem.IsLinux())
        {
            configuration.BeforeSocketConnect += static (_, _, socket) => SetTcpUserTimeout(socket);
        }

        return configuration;
    }

    // What our options say beats what the connection string says, which beats our defaults.
    private static void ApplyTimeouts(ConfigurationOptions configuration, PrimaRedisCacheOptions options)
    {
        // The client writes into its string just what was set on it, and has no other way to tell.
        var said = configuration.ToString(includePassword: false).Split(',').Select(part => part.Split('=')[0]).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (options.ConnectTimeoutIfSet is not null || !said.Contains("connectTimeout"))
        {
            configuration.ConnectTimeout = (int)options.ConnectTimeout.TotalMilliseconds;
        }

        if (options.KeepAliveIfSet is not null || !said.Contains("keepAlive"))
        {
            configuration.KeepAlive = (int)options.KeepAlive.TotalSeconds;
        }

        if (options.CommandTimeoutIfSet is not null || !said.Contains("syncTimeout"))
        {
            configuration.SyncTimeout = (int)options.CommandTimeout.TotalMilliseconds;
        }

        if (options.CommandTimeoutIfSet is not null || !said.Contains("asyncTimeout"))
        {
            configuration.AsyncTimeout = configuration.SyncTimeout;
        }
    }

    private static void SetTcpUserTimeout(Socket socket)
    {
        if (socket.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)
        {
            Span<byte> milliseconds = stackalloc byte[sizeof(int)];
            BitConverter.TryWriteBytes(milliseconds, TcpUserTimeoutMilliseconds);
            socket.SetRawSocketOption(TcpProtocolLevel, TcpUserTimeoutOption, milliseconds);
        }
    }
}
