using System.Diagnostics;
using System.Globalization;
using System.Net;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Perf.Servers;

/// <summary>redis-benchmark, which comes with the server: how many commands the server takes from a client that does nothing else.</summary>
internal static class RedisBenchmark
{
    /// <returns>Commands in a second by test, such as <c>SET</c>; <see langword="null"/> where the program is not installed.</returns>
    public static async Task<Dictionary<string, double>?> RunAsync(string configuration, int requests, int pipeline)
    {
        var endPoint = (IPEndPoint)ConfigurationOptions.Parse(configuration).EndPoints[0];
        var arguments = string.Create(CultureInfo.InvariantCulture, $"-h {endPoint.Address} -p {endPoint.Port} -c 50 -d 1024 -r 1024 -n {requests} -P {pipeline} -t set,get --csv");
        try
        {
            using var process = Process.Start(new ProcessStartInfo("redis-benchmark", arguments) { RedirectStandardOutput = true })!;
            var lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            await process.WaitForExitAsync();
            return lines.Skip(1).Select(static line => line.Replace("\"", "", StringComparison.Ordinal).Split(','))
                .ToDictionary(static cells => cells[0], static cells => double.Parse(cells[1], CultureInfo.InvariantCulture));
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
