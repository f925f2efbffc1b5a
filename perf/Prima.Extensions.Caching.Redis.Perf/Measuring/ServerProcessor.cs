using System.Globalization;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Perf.Measuring;

/// <summary>The processor time of the servers, as they say themselves (INFO cpu).</summary>
internal sealed class ServerProcessor(IConnectionMultiplexer multiplexer) : IAsyncDisposable
{
    public static async Task<ServerProcessor> ConnectAsync(string configuration) =>
        new(await ConnectionMultiplexer.ConnectAsync(configuration, static options => options.AllowAdmin = true));

    public async Task<double> MicrosecondsAsync()
    {
        var sum = 0d;
        foreach (var server in multiplexer.GetServers())
        {
            var section = (await server.InfoAsync("cpu")).SelectMany(static group => group).ToDictionary(static pair => pair.Key, static pair => pair.Value);
            sum += Seconds(section, "used_cpu_user") + Seconds(section, "used_cpu_sys");
        }

        return sum * 1e6;
    }

    public ValueTask DisposeAsync() => multiplexer.DisposeAsync();

    private static double Seconds(Dictionary<string, string> section, string name) => double.Parse(section[name], CultureInfo.InvariantCulture);
}
