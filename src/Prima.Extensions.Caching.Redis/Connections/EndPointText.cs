using System.Net;

namespace Prima.Extensions.Caching.Redis.Connections;

internal static class EndPointText
{
    /// <summary>The endpoint as one writes it: host and port, without the address family.</summary>
    public static string Text(this EndPoint endpoint) => endpoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : $"{endpoint}";
}
