using Prima.Extensions.Caching.Redis.Hybrid.Coherence;

namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>The two times of the hybrid cache: that of payloads and stamps, which all nodes must agree on, and that of the L1, which must be cheap.</summary>
internal sealed class HybridClock(RedisClock redis, TimeProvider time)
{
    private readonly bool _isSystem = time == TimeProvider.System;
    private readonly long _timestampsPerMillisecond = Math.Max(1, time.TimestampFrequency / 1000);
    private long _lastStamp;

    /// <summary>UTC ticks.</summary>
    public long UtcTicks => redis.UtcTicks;

    /// <summary>A count of milliseconds that only grows.</summary>
    /// <remarks>An L1 hit reads it. The system's coarse clock takes a third of the time of the exact one, and is behind it by <see cref="Lag"/> at most.</remarks>
    public long Milliseconds => _isSystem ? Environment.TickCount64 : time.GetTimestamp() / _timestampsPerMillisecond;

    /// <summary>How many milliseconds <see cref="Milliseconds"/> may be behind.</summary>
    public long Lag => _isSystem ? 10 : 0;

    /// <summary>The creation time of a value that begins to be made now: not later than it is, but later than what this node removed before.</summary>
    public long NextCreation() => Math.Max(redis.EarliestUtcTicks, Volatile.Read(ref _lastStamp) + 1);

    /// <summary>A stamp for what is removed now: not earlier than it is, and later than the stamps before.</summary>
    public long NextStamp()
    {
        var stamp = redis.NextStamp();
        for (var last = Volatile.Read(ref _lastStamp); last < stamp;)
        {
            var found = Interlocked.CompareExchange(ref _lastStamp, stamp, last);
            if (found == last)
            {
                break;
            }

            last = found;
        }

        return stamp;
    }

    /// <summary>Waits until no node takes it for earlier than <paramref name="stamp"/>, so that what is made from then on, wherever, is younger.</summary>
    /// <remarks>It is as long as the clocks may differ: less than it took to send the stamp to Redis, as a rule.</remarks>
    public async ValueTask PassAsync(long stamp)
    {
        while (redis.IsCorrected && stamp - redis.EarliestUtcTicks is >= 0 and < TimeSpan.TicksPerSecond)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), time, CancellationToken.None).ConfigureAwait(false);
        }
    }
}
