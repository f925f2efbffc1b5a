using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Connections;

/// <summary>Reads the server from environment variables.</summary>
/// <remarks>
/// The first of these that is set names it: <c>REDIS_CLUSTER_NODES</c>, <c>REDIS_SENTINEL_NODES</c> (with <c>REDIS_SENTINEL_MASTER</c>),
/// <c>REDIS_URL</c>, <c>KV_URL</c>. <c>REDIS_USERNAME</c> and <c>REDIS_PASSWORD</c> count where the address has no credentials;
/// <c>REDIS_CLUSTER=true</c> says that the URL is a node of a cluster.
/// </remarks>
internal static class EnvironmentServer
{
    public const string ClusterNodes = "REDIS_CLUSTER_NODES";
    public const string SentinelNodes = "REDIS_SENTINEL_NODES";
    public const string SentinelMaster = "REDIS_SENTINEL_MASTER";
    public const string Url = "REDIS_URL";
    public const string KvUrl = "KV_URL";
    public const string Cluster = "REDIS_CLUSTER";
    public const string Username = "REDIS_USERNAME";
    public const string Password = "REDIS_PASSWORD";

    /// <exception cref="FormatException">No variable is set, or one has a wrong value; the message says which, and what is accepted.</exception>
    public static ConfigurationOptions Read(Func<string, string?> getVariable)
    {
        string? Get(string name) => getVariable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;

        var configuration =
            Get(ClusterNodes) is { } clusterNodes ? ParseCluster(clusterNodes, ClusterNodes)
            : Get(SentinelNodes) is { } sentinelNodes ? ParseSentinels(sentinelNodes, Get(SentinelMaster))
            : Get(Url) is { } url ? ParseUrl(url, Url, Get(Cluster))
            : Get(KvUrl) is { } kvUrl ? ParseUrl(kvUrl, KvUrl, Get(Cluster))
            : throw new FormatException(
                $"No Redis server is configured. Set {nameof(PrimaRedisCacheOptions)}.{nameof(PrimaRedisCacheOptions.Configuration)}, "
                + $"PrimaRedisCache:Configuration in the application's configuration, or the environment variable {Url}. {ServerAddress.Accepted}");

        if (configuration.Password is null)
        {
            configuration.User ??= Get(Username);
            configuration.Password = Get(Password);
        }

        return configuration;
    }

    private static ConfigurationOptions ParseUrl(string url, string source, string? cluster)
    {
        var isCluster = cluster is not null && (bool.TryParse(cluster, out var value)
            ? value
            : throw new FormatException($"{Cluster} is '{cluster}'. Accepted are true and false."));
        var configuration = ServerAddress.Parse(url, source);
        return isCluster ? OnlyDatabaseZero(configuration, url, source) : configuration;
    }

    private static ConfigurationOptions ParseCluster(string nodes, string source) => OnlyDatabaseZero(ParseNodes(nodes, source), nodes, source);

    private static ConfigurationOptions ParseSentinels(string nodes, string? master)
    {
        var configuration = ParseNodes(nodes, SentinelNodes);
        configuration.ServiceName = master
            ?? throw new FormatException($"{SentinelNodes} is set and {SentinelMaster} is not. Set it to the name under which the sentinels know the primary, such as mymaster.");
        return configuration;
    }

    // All nodes are asked with the same credentials and the same TLS: the client knows one of each for all.
    private static ConfigurationOptions ParseNodes(string nodes, string source)
    {
        var parsed = nodes.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(node => ServerAddress.Parse(node, source))
            .ToList();
        if (parsed.Count == 0)
        {
            throw new FormatException($"{source} names no server. Accepted are addresses joined by commas. {ServerAddress.Accepted}");
        }

        if (parsed.Any(node => node.Ssl != parsed[0].Ssl))
        {
            throw new FormatException($"{source} is {ServerAddress.Shown(nodes)}: either all nodes use rediss:// or none does.");
        }

        var databases = parsed.Select(static node => node.DefaultDatabase).OfType<int>().Distinct().ToList();
        if (databases.Count > 1)
        {
            throw new FormatException($"{source} is {ServerAddress.Shown(nodes)}: all nodes have the same database number.");
        }

        var result = parsed.Find(static node => node.Password is not null) ?? parsed[0];
        result.DefaultDatabase = databases.Count == 1 ? databases[0] : null;
        foreach (var endpoint in parsed.SelectMany(static node => node.EndPoints).Distinct().Except(result.EndPoints).ToList())
        {
            result.EndPoints.Add(endpoint);
        }

        return result;
    }

    private static ConfigurationOptions OnlyDatabaseZero(ConfigurationOptions configuration, string value, string source) =>
        configuration.DefaultDatabase is null or 0
            ? configuration
            : throw new FormatException($"{source} is {ServerAddress.Shown(value)}: a cluster has database 0 only.");
}
