using System.Net;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Connections;

/// <summary>Reads a server address: a <c>redis://</c> or <c>rediss://</c> URI, or a StackExchange.Redis configuration string.</summary>
/// <remarks>The URI scheme is the registered one, https://www.iana.org/assignments/uri-schemes/prov/redis, with TLS under <c>rediss</c>.</remarks>
internal static class ServerAddress
{
    public const string Accepted =
        "Accepted are redis://[[user]:password@]host[:port][/database], the same with rediss:// for TLS, and StackExchange.Redis configuration strings such as host:6379,password=...,ssl=true.";

    private const int DefaultPort = 6379;

    /// <summary>Reads <paramref name="text"/>, found in the option or variable called <paramref name="source"/>.</summary>
    /// <exception cref="FormatException">It cannot be understood; the message names the source, what is wrong and what is accepted, and no password.</exception>
    public static ConfigurationOptions Parse(string text, string source)
    {
        text = text.Trim();
        try
        {
            return Checked(text.Contains("://", StringComparison.Ordinal) ? ParseUri(text) : ParseClientString(text));
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or OverflowException)
        {
            // The client's messages may quote the text, so they are repeated only where it holds no secret; nor is the exception kept as inner.
            var quotable = exception is FormatException and not UriFormatException || !MayHoldPassword(text);
            var reason = quotable ? exception.Message.TrimEnd('.') : "it is malformed";
            throw new FormatException($"{source} is {Shown(text)}: {reason}. {Accepted}");
        }
    }

    /// <summary>The address for a message: in quotes, or not at all if there may be a password in it.</summary>
    public static string Shown(string text) => MayHoldPassword(text) ? "not understood (it is not repeated here, because it may hold a password)" : $"'{text}'";

    private static bool MayHoldPassword(string text) =>
        text.Contains('@', StringComparison.Ordinal) || text.Contains("password", StringComparison.OrdinalIgnoreCase);

    private static ConfigurationOptions Checked(ConfigurationOptions configuration)
    {
        if (configuration.EndPoints.Count == 0)
        {
            throw new FormatException("it names no server");
        }

        if (configuration.EndPoints.OfType<DnsEndPoint>().Any(static endpoint => endpoint.Host.AsSpan().IndexOfAny("@/") >= 0))
        {
            throw new FormatException("a user, password or database in front of or behind the server needs redis:// or rediss:// at the start");
        }

        return configuration.DefaultDatabase is null or >= 0 ? configuration : throw new FormatException("a database number must be 0 or more");
    }

    private static ConfigurationOptions ParseClientString(string text)
    {
        var configuration = ConfigurationOptions.Parse(text, ignoreUnknown: false);

        // The client leaves out what it cannot read.
        var servers = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(static part => !part.Contains('=', StringComparison.Ordinal));
        return configuration.EndPoints.Count == servers.Distinct(StringComparer.Ordinal).Count()
            ? configuration
            : throw new FormatException("it names a server that is not host:port with a port of 1 to 65535");
    }

    private static ConfigurationOptions ParseUri(string text)
    {
        var uri = new Uri(text, UriKind.Absolute);
        var configuration = new ConfigurationOptions
        {
            Ssl = uri.Scheme switch
            {
                "redis" => false,
                "rediss" => true,
                _ => throw new FormatException("its scheme must be redis or rediss"),
            },
        };
        if (uri.Host.Length == 0)
        {
            throw new FormatException("it names no host");
        }

        if (uri.Fragment.Length > 0)
        {
            throw new FormatException("'#' must be written as %23");
        }

        configuration.EndPoints.Add(uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost, uri.Port < 0 ? DefaultPort : uri.Port);
        ReadCredentials(uri.UserInfo, configuration);
        ReadDatabase(uri.AbsolutePath, configuration);
        return uri.Query.Length > 1 ? WithSettings(configuration, uri.Query[1..]) : configuration;
    }

    private static void ReadCredentials(string userInfo, ConfigurationOptions configuration)
    {
        if (userInfo.Length == 0)
        {
            return;
        }

        var colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            throw new FormatException("what stands before '@' must be user:password or :password");
        }

        configuration.User = colon == 0 ? null : Uri.UnescapeDataString(userInfo[..colon]);
        configuration.Password = Uri.UnescapeDataString(userInfo[(colon + 1)..]);
    }

    private static void ReadDatabase(string path, ConfigurationOptions configuration)
    {
        if (path.Length <= 1)
        {
            return;
        }

        configuration.DefaultDatabase = int.TryParse(path.AsSpan(1), out var database) && database >= 0
            ? database
            : throw new FormatException("its path must be a database number, 0 or more");
    }

    // ?connectTimeout=2000&sslHost=redis.example: the settings of a StackExchange.Redis string, which is also what reads them.
    private static ConfigurationOptions WithSettings(ConfigurationOptions configuration, string query)
    {
        var settings = query.Split('&').Select(Uri.UnescapeDataString).ToArray();
        if (settings.Any(setting => setting.Contains(',', StringComparison.Ordinal) || !setting.Contains('=', StringComparison.Ordinal)))
        {
            throw new FormatException("its query must be name=value pairs, without commas, joined by '&'");
        }

        var result = ConfigurationOptions.Parse(string.Join(',', settings), ignoreUnknown: false);
        result.EndPoints.Add(configuration.EndPoints[0]);
        result.Ssl |= configuration.Ssl;
        result.User = configuration.User ?? result.User;
        result.Password = configuration.Password ?? result.Password;
        result.DefaultDatabase = configuration.DefaultDatabase ?? result.DefaultDatabase;
        return result;
    }
}
