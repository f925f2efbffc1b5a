using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>The time that all nodes of a cache share: Redis' own, as far as it is known here.</summary>
/// <remarks>
/// <para>Creation times and stamps of tags are compared over nodes, whose clocks differ. What Redis answers to TIME is right for some moment between question
/// and answer; the shortest such span is the best estimate, and it gets worse with age, so it is asked again now and then. Between two
/// answers the node's monotonic clock counts on: setting the node's clock changes nothing. Before the first answer it is the node's clock.</para>
/// <para>What is left of doubt is never in favour of old data: a creation time is the earliest that it can be now, a stamp the latest. A removal is complete when
/// the doubt has passed (<see cref="PassAsync"/>): so what is made after it, on whatever node, is younger than its stamp. After J. C. Corbett et al.,
/// "Spanner: Google's Globally-Distributed Database", OSDI 2012, section 4.1.2 (commit wait).</para>
/// </remarks>
internal sealed class RedisClock(PrimaRedisCache cache, TimeProvider time) : IAsyncDisposable
{
    private const int FirstSamples = 5;
    private const int MostSamplesOfAStamp = 3;
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestDoubt = TimeSpan.FromMilliseconds(100);

    // Within the instance name, so that no right is needed that the entries do not need.
    private readonly RedisKey _key = cache.Context.RedisKey("__prima_clock__");
    private readonly CancellationTokenSource _end = new();
    private volatile Sampled? _best;
    private Task _running = Task.CompletedTask;
    private long _lastStamp;

    /// <summary>Whether Redis was asked, and answered.</summary>
    public bool IsCorrected => _best is not null;

    /// <summary>The most probable time.</summary>
    public long UtcTicks => Read(0);

    /// <summary>The earliest that it can be: for what must not look younger than it is, such as a value whose making begins now.</summary>
    public long EarliestUtcTicks => Read(-1);

    /// <summary>The latest that it can be.</summary>
    public long LatestUtcTicks => Read(+1);

    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>The creation time of what is begun now.</summary>
    public long CreationTicks => IsCorrected ? EarliestUtcTicks : Math.Max(EarliestUtcTicks, Volatile.Read(ref _lastStamp) + 1);

    /// <summary>A stamp for what is removed now: no earlier than any creation time before it on whatever node, and later than this node's stamps before it.</summary>
    public async ValueTask<long> NextStampAsync(CancellationToken token)
    {
        // An answer that had to wait, such as for the connection to be made, leaves more doubt than a removal may wait for; the next one may not.
        for (var samples = 0; samples < MostSamplesOfAStamp && !IsPrecise && await SampleAsync(token).ConfigureAwait(false); samples++)
        {
        }

        return NextStamp();
    }

    /// <summary>The same without asking Redis first, where it was not asked yet.</summary>
    public long NextStamp()
    {
        while (true)
        {
            var last = Volatile.Read(ref _lastStamp);
            var latest = LatestUtcTicks;

            // A stamp from before the first answer can be far ahead, if this node's clock is. It is not outrun for as long as that was wrong.
            var next = latest <= last && last - latest < TimeSpan.TicksPerSecond ? last + 1 : latest;
            if (Interlocked.CompareExchange(ref _lastStamp, next, last) == last)
            {
                return next;
            }
        }
    }

    /// <summary>Waits, for milliseconds at most, until everything that is begun from then on has a later creation time than <paramref name="stamp"/>.</summary>
    public async ValueTask PassAsync(long stamp, CancellationToken token)
    {
        var from = time.GetTimestamp();
        while (IsCorrected && EarliestUtcTicks <= stamp && time.GetElapsedTime(from) < LongestDoubt)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), time, token).ConfigureAwait(false);
        }
    }

    /// <summary>Asks Redis once.</summary>
    /// <returns>Whether it answered.</returns>
    public async Task<bool> SampleAsync(CancellationToken token)
    {
        var asked = time.GetTimestamp();
        var ticks = await cache.Executor.ExecuteAsync<TimeOperation, long>(new(_key), token).ConfigureAwait(false);
        if (ticks == 0)
        {
            return false;
        }

        var answered = time.GetTimestamp();
        var sample = new ClockSample(asked + ((answered - asked) / 2), ticks, (time.GetElapsedTime(asked, answered).Ticks / 2) + 1);
        _best = new(ClockSample.Better(_best?.Sample, sample, answered, time));
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _end.Dispose();
    }

    // A removal waits until the doubt has passed: twice the error.
    private bool IsPrecise => _best is { Sample: var sample } && 2 * sample.ErrorAt(time.GetTimestamp(), time) <= LongestDoubt.Ticks;

    private long Read(int errors)
    {
        if (_best is not { Sample: var sample })
        {
            return time.GetUtcNow().UtcTicks;
        }

        var now = time.GetTimestamp();
        return sample.UtcTicksAt(now, time) + (errors * sample.ErrorAt(now, time));
    }

    private async Task RunAsync()
    {
        for (var samples = 0; !_end.IsCancellationRequested;)
        {
            try
            {
                await SampleAsync(_end.Token).ConfigureAwait(false);
                samples += IsCorrected ? 1 : 0;
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // The door has logged it.
            }

            await Task.Delay(samples < FirstSamples ? FirstInterval : Interval, time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // A struct of three longs cannot be replaced in one piece.
    private sealed record Sampled(ClockSample Sample);
}
