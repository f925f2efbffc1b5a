using System.Diagnostics;

namespace Prima.Extensions.Caching.Redis.TestServers.Processes;

/// <summary>Ends server processes when the test process is killed and can no longer do so itself.</summary>
/// <remarks>
/// A shell that reads lines from a pipe: "pid directory". The pipe's end is the end of the test process, however it came about.
/// Only processes whose name still begins with redis- are killed, because a process id may have been given to somebody else.
/// </remarks>
internal static class Watchdog
{
    private const string Script = """
        trap '' INT TERM HUP
        all=
        while read -r pid dir; do all="$all $pid:$dir"; done
        for one in $all; do
          pid=${one%%:*}; dir=${one#*:}
          read -r name < /proc/$pid/comm && case $name in redis-*) kill -9 $pid; rm -rf "$dir";; esac
        done
        """;

    private static readonly Lock Gate = new();
    private static Process? _shell;

    /// <summary>Asks for a process, and its directory, to be ended with this one. Does nothing where there is no /proc.</summary>
    public static void Guard(int processId, string directory)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        lock (Gate)
        {
            _shell ??= Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Script])
            {
                RedirectStandardInput = true,
                RedirectStandardError = true,
            })!;
            _shell.StandardInput.WriteLine($"{processId} {directory}");
            _shell.StandardInput.Flush();
        }
    }
}
