using System.Diagnostics;
using System.Net.Sockets;
using Prima.Extensions.Caching.Redis.TestServers.Wire;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.TestServers;

/// <summary>Waits for what happens elsewhere: asks again until it is so, or a deadline passes.</summary>
public static class Poll
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns when <paramref name="problem"/> has none left to tell. An unreachable server or an error reply is one.</summary>
    /// <exception cref="TimeoutException">There was one until the deadline; the message says <paramref name="what"/> and the last problem.</exception>
    public static async Task UntilSolvedAsync(string what, TimeSpan deadline, Func<Task<string?>> problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            string? last;
            Exception? cause = null;
            try
            {
                last = await problem();
            }
            catch (Exception e) when (e is SocketException or IOException or RespErrorException or OperationCanceledException
                or RedisException or RedisTimeoutException)
            {
                last = e.Message;
                cause = e;
            }

            if (last is null)
            {
                return;
            }

            if (Stopwatch.GetElapsedTime(start) > deadline)
            {
                throw new TimeoutException($"Not within {deadline.TotalSeconds:0.#} s: {what}. {last}", cause);
            }

            await Task.Delay(Pause);
        }
    }

    /// <summary>Returns when <paramref name="condition"/> is true. An unreachable server or an error reply counts as "not yet".</summary>
    /// <exception cref="TimeoutException">It was not true in time; the message says <paramref name="what"/>.</exception>
    public static Task UntilAsync(string what, TimeSpan deadline, Func<Task<bool>> condition) =>
        UntilSolvedAsync(what, deadline, async () => await condition() ? null : "");

    /// <summary>Returns when <paramref name="condition"/> is true.</summary>
    public static Task UntilAsync(string what, TimeSpan deadline, Func<bool> condition) =>
        UntilAsync(what, deadline, () => Task.FromResult(condition()));
}
