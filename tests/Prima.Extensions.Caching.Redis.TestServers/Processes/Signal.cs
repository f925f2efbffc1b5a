using System.Runtime.InteropServices;

namespace Prima.Extensions.Caching.Redis.TestServers.Processes;

/// <summary>Stops and continues a process, which .NET has no call for.</summary>
public static class Signal
{
    // The numbers differ between systems.
    private static readonly int Stop = OperatingSystem.IsMacOS() ? 17 : 19;
    private static readonly int Continue = OperatingSystem.IsMacOS() ? 19 : 18;

    /// <summary>SIGSTOP: it hangs.</summary>
    public static void SendStop(int processId) => Send(processId, Stop);

    /// <summary>SIGCONT: it goes on.</summary>
    public static void SendContinue(int processId) => Send(processId, Continue);

    private static void Send(int processId, int signal)
    {
        if (Kill(processId, signal) != 0)
        {
            throw new InvalidOperationException($"kill -{signal} {processId} failed with error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
}
