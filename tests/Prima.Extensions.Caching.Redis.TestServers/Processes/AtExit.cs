namespace Prima.Extensions.Caching.Redis.TestServers.Processes;

/// <summary>What must still be ended when the test process exits without having disposed it.</summary>
internal sealed class AtExit : IDisposable
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<AtExit> Pending = [];

    private readonly Action _end;

    static AtExit() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => RunAll();

    private AtExit(Action end) => _end = end;

    /// <summary>Registers an action; disposing the result takes it back.</summary>
    public static AtExit Run(Action end)
    {
        var registration = new AtExit(end);
        lock (Gate)
        {
            Pending.Add(registration);
        }

        return registration;
    }

    public void Dispose()
    {
        lock (Gate)
        {
            Pending.Remove(this);
        }
    }

    private static void RunAll()
    {
        AtExit[] all;
        lock (Gate)
        {
            all = [.. Pending];
        }

        foreach (AtExit registration in all)
        {
            try
            {
                registration._end();
            }
            catch (Exception e) when (e is InvalidOperationException or IOException or AggregateException or UnauthorizedAccessException)
            {
                // One that cannot be ended must not keep the others alive.
                Console.Error.WriteLine($"A test server was not ended: {e.Message}");
            }
        }
    }
}
