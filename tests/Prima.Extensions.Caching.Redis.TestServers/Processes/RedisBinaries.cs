using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Prima.Extensions.Caching.Redis.TestServers.Processes;

/// <summary>The redis-server that is installed on this machine.</summary>
internal static partial class RedisBinaries
{
    private static readonly Version Oldest = new(7, 0);
    private static readonly Lazy<(Version? Version, string? Problem)> Found = new(Find);

    /// <summary>Null when redis-server can be used, else what is wrong and what to do.</summary>
    public static string? Problem => Found.Value.Problem;

    /// <summary>The version of redis-server on PATH.</summary>
    public static Version? Version => Found.Value.Version;

    /// <summary>Throws a skip, or a failure where servers are required, unless servers can be run as processes and were not left out by choice.</summary>
    public static void Demand(string what)
    {
        if (TestEnvironment.Choice is { } choice and not ServerKind.Process)
        {
            throw TestEnvironment.Missing(ServerKind.Process, $"PRIMA_TEST_REDIS chooses {choice}, but {what} is run as a process only (auto or process).");
        }

        if (Problem is { } problem)
        {
            throw TestEnvironment.Missing(ServerKind.Process, $"{what} cannot be started: {problem}");
        }
    }

    private static (Version? Version, string? Problem) Find()
    {
        const string remedy = "Install Redis 7.0 or newer (Debian, Ubuntu: apt-get install redis-server redis-sentinel; macOS: brew install redis).";
        if (OperatingSystem.IsWindows())
        {
            return (null, "redis-server does not run on Windows; use WSL or a container engine.");
        }

        try
        {
            using Process process = Process.Start(new ProcessStartInfo("redis-server", ["--version"]) { RedirectStandardOutput = true })!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (!Version.TryParse(VersionPattern().Match(output).Groups[1].Value, out Version? version))
            {
                return (null, $"redis-server --version said '{output.Trim()}'. {remedy}");
            }

            return version < Oldest ? (version, $"redis-server on PATH is {version}. {remedy}") : (version, null);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (null, $"there is no redis-server on PATH ({e.Message}). {remedy}");
        }
    }

    [GeneratedRegex(@"v=(\d+\.\d+(\.\d+)?)")]
    private static partial Regex VersionPattern();
}
