using System.Collections.Concurrent;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Tests.Distributed;

/// <summary>Tells on whose behalf a cache connected. Connecting is started on the thread pool, so that a count taken at once would prove nothing.</summary>
internal sealed class ConnectObserver
{
    private static readonly AsyncLocal<string?> Caller = new();

    private readonly ConcurrentQueue<string?> _callers = [];
    private readonly TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>For the options. It connects to nothing, and never says so.</summary>
    public Task<IConnectionMultiplexer> ConnectAsync()
    {
        _callers.Enqueue(Caller.Value);
        _called.TrySetResult();
        return new TaskCompletionSource<IConnectionMultiplexer>().Task;
    }

    /// <summary>Makes <paramref name="call"/> in the name of <paramref name="caller"/>.</summary>
    public static async Task As(string caller, Func<Task> call)
    {
        Caller.Value = caller;
        await call();
    }

    /// <summary>Makes <paramref name="cache"/> connect if it has not yet, and names all who made it connect, in any order.</summary>
    public async Task<IEnumerable<string?>> CallersAsync(PrimaRedisCache cache, string caller)
    {
        _ = As(caller, () => cache.GetAsync("key"));
        await _called.Task.WaitAsync(TimeSpan.FromSeconds(30));

        // The pool may run what was queued first last.
        await Task.Delay(TimeSpan.FromMilliseconds(20));
        return _callers;
    }
}
