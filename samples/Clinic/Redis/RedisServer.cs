using System.Text.RegularExpressions;

namespace Clinic.Redis;

/// <summary>The server that holds the cache, as it may be shown: hosts and ports, never a user or a password.</summary>
internal sealed partial record RedisServer(string Name, bool IsEmbedded)
{
    private const int DefaultPort = 6379;
    private const string Unnamed = "a configured server";

    // In the order in which the library looks at them.
    private static readonly string[] s_variables = ["REDIS_CLUSTER_NODES", "REDIS_SENTINEL_NODES", "REDIS_URL", "KV_URL"];

    /// <summary>The server that the library will find by itself, or <see langword="null"/> when there is none.</summary>
    public static RedisServer? FindConfigured(IConfiguration configuration)
    {
        string? address = s_variables.Select(Environment.GetEnvironmentVariable)
            .Prepend(configuration["PrimaRedisCache:Configuration"])
            .FirstOrDefault(candidate => !string.IsNullOrWhiteSpace(candidate));
        return address is null ? null : new RedisServer(NameOf(address), IsEmbedded: false);
    }

    private static string NameOf(string address)
    {
        string[] names = address.Contains("://", StringComparison.Ordinal)
            ? [.. NextUri().Split(address).Select(NameOfUri)]
            : [.. address.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(part => !part.Contains('=')).Select(NameOfHost)];
        return names.Length == 0 ? Unnamed : string.Join(", ", names);
    }

    private static string NameOfUri(string text) =>
        Uri.TryCreate(text.Trim(), UriKind.Absolute, out Uri? uri) && uri.Host.Length > 0
            ? $"{uri.Host}:{(uri.Port < 0 ? DefaultPort : uri.Port)}"
            : Unnamed;

    private static string NameOfHost(string text) => text[(text.LastIndexOf('@') + 1)..];

    // A password can contain a comma, so that only a comma before the next URI separates.
    [GeneratedRegex(@",(?=\s*rediss?://)")]
    private static partial Regex NextUri();
}
