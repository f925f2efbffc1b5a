using System.Text;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>The channel between the nodes of a cache, on a server of a certain kind.</summary>
/// <param name="Name">Its name on the server.</param>
/// <param name="IsSharded">Whether its messages stay on the nodes of one slot, instead of going to all nodes of a cluster.</param>
internal readonly record struct NodeChannel(string Name, bool IsSharded)
{
    private const string Prefix = "__prima_nodes__:";
    private static readonly Version FirstWithShardedChannels = new(7, 0);

    /// <summary>What the client calls it: it puts its own prefix in front.</summary>
    public RedisChannel Subscription(string prefix) =>
        IsSharded ? RedisChannel.Sharded(Name[prefix.Length..]) : RedisChannel.Literal(Name[prefix.Length..]);

    public RedisKey Key => Encoding.UTF8.GetBytes(Name);

    /// <summary>All nodes of a cache must come to the same result, so it depends on the server alone.</summary>
    /// <returns><see langword="null"/> as long as no server is connected.</returns>
    public static NodeChannel? On(IConnectionMultiplexer multiplexer, string instanceName)
    {
        var connected = Array.FindAll(multiplexer.GetServers(), static server => server.IsConnected);
        return connected.Length == 0
            ? null
            : new(PrefixOf(multiplexer) + Prefix + instanceName, Array.TrueForAll(connected, static server => server.ServerType == ServerType.Cluster && server.Version >= FirstWithShardedChannels));
    }

    /// <summary>What the client puts in front of the names of all channels.</summary>
    public static string PrefixOf(IConnectionMultiplexer multiplexer) =>
        (string?)ConfigurationOptions.Parse(multiplexer.Configuration, ignoreUnknown: true).ChannelPrefix ?? "";
}
