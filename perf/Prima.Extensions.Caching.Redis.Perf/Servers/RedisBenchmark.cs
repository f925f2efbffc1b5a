using System.Diagnostics;
using System.Globalization;
using System.Net;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Perf.Servers;

/// <summary>redis-benchmark, which comes with the server: how many commands the server takes from a client that does nothing else.</summary>
internal static class RedisBenchmark
{
    private const int Keys = 1024;

    /// <returns>Commands in a second by test, such as <c>SET</c>; <see langword="null"/> where the program is not installed.</returns>
    public static async Task<Dictionary<string, double>?> RunAsync(string configuration, int requests, int pipeline)
    {
        var options = ConfigurationOptions.Parse(configuration);
        var (host, port) = options.EndPoints[0] switch
        {
            DnsEndPoint name => (name.Host, name.Port),
            IPEndPoint address => (address.Address.ToString(), address.Port),
            var other => throw new NotSupportedException($"redis-benchmark cannot reach {other}."),
        };
        var start = new ProcessStartInfo("redis-benchmark", string.Create(CultureInfo.InvariantCulture, $"-h {host} -p {port} -c 50 -d 1024 -r {Keys} -n {requests} -P {pipeline} -t set,get --csv"))
        {
            RedirectStandardOutput = true,
            Environment = { ["REDISCLI_AUTH"] = options.Password },
        };
        try
        {
            using var process = Process.Start(start)!;
            var lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            await process.WaitForExitAsync();
            await RemoveKeysAsync(options);
            return lines.Skip(1).Select(static line => line.Replace("\"", "", StringComparison.Ordinal).Split(','))
                .ToDictionary(static cells => cells[0], static cells => double.Parse(cells[1], CultureInfo.InvariantCulture));
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    // It names its keys itself, and gives them no TTL.
    private static async Task RemoveKeysAsync(ConfigurationOptions options)
    {
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(options);
        await multiplexer.GetDatabase().KeyDeleteAsync([.. Enumerable.Range(0, Keys).Select(static number => (RedisKey)$"key:{number:d12}")]);
    }
}
