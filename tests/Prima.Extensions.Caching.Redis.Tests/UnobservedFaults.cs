using System.Runtime.CompilerServices;

namespace Prima.Extensions.Caching.Redis.Tests;

/// <summary>Finds exceptions of tasks that nobody looked at.</summary>
internal static class UnobservedFaults
{
    /// <summary>Whether an exception that has the given marker in its text is left unobserved by <paramref name="act"/>.</summary>
    public static bool AreLeftBy(Action<string> act)
    {
        var marker = Guid.NewGuid().ToString();
        var found = false;
        void Note(object? sender, UnobservedTaskExceptionEventArgs fault) => found |= fault.Exception.ToString().Contains(marker, StringComparison.Ordinal);
        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            Run(act, marker);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }

        return found;
    }

    // So that no task stays reachable from the caller's frame.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Run(Action<string> act, string marker) => act(marker);
}
