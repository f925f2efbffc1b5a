using System.Collections.Concurrent;
using System.Net;
using Prima.Extensions.Caching.Redis.Diagnostics;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Connections;

/// <summary>Asks servers now and then how they are.</summary>
internal sealed class ServerSampler(TimeSpan interval, TimeProvider time)
{
    private readonly ConcurrentDictionary<EndPoint, ServerSample> _samples = new();
    private long? _sampledAt;

    /// <summary>What the server at <paramref name="endpoint"/> last said, if it did.</summary>
    public ServerSample? LastOf(EndPoint endpoint) => _samples.GetValueOrDefault(endpoint);

    /// <summary>Asks all that are connected, if it is time to. Waits for none.</summary>
    public void Sample(IServer[] servers)
    {
        if (_sampledAt is { } last && time.GetElapsedTime(last) < interval)
        {
            return;
        }

        _sampledAt = time.GetTimestamp();
        foreach (var server in servers.Where(static server => server.IsConnected))
        {
            SampleAsync(server).Ignore();
        }
    }

    private async Task SampleAsync(IServer server) =>
        _samples[server.EndPoint] = ServerSample.Parse(await server.InfoRawAsync().ConfigureAwait(false) ?? "");
}
