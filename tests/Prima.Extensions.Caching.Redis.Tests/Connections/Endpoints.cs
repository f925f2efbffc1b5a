using System.Net;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Tests.Connections;

internal static class Endpoints
{
    /// <summary>The endpoints as host:port, joined by spaces.</summary>
    public static string Of(ConfigurationOptions configuration) =>
        string.Join(' ', configuration.EndPoints.Select(endpoint => endpoint switch
        {
            DnsEndPoint dns => $"{dns.Host}:{dns.Port}",
            _ => $"{endpoint}",
        }));
}
