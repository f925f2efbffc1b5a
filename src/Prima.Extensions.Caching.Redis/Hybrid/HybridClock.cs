namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>The two times of the hybrid cache: that of payloads and stamps, which all nodes must agree on, and that of the L1, which must be cheap.</summary>
/// <param name="time">The application's time.</param>
/// <param name="corrected">The time that all nodes agree on; <see langword="null"/> = that of <paramref name="time"/>.</param>
internal sealed class HybridClock(TimeProvider time, Func<DateTimeOffset>? corrected = null)
{
    private readonly bool _isSystem = time == TimeProvider.System;
    private readonly long _timestampsPerMillisecond = Math.Max(1, time.TimestampFrequency / 1000);
    private long _lastStamp;

    /// <summary>UTC ticks.</summary>
    public long UtcTicks => (corrected?.Invoke() ?? time.GetUtcNow()).UtcTicks;

    /// <summary>A count of milliseconds that only grows.</summary>
    /// <remarks>An L1 hit reads it. The system's coarse clock takes a third of the time of the exact one (docs/decisions/0007) and lags by <see cref="Lag"/> at most.</remarks>
    public long Milliseconds => _isSystem ? Environment.TickCount64 : time.GetTimestamp() / _timestampsPerMillisecond;

    /// <summary>How many milliseconds <see cref="Milliseconds"/> may be behind.</summary>
    public long Lag => _isSystem ? 10 : 0;

    /// <summary>UTC ticks for what is made now. No two calls get the same, so that what is made after a removal is younger than it, also within one tick of the clock.</summary>
    public long NextStamp()
    {
        while (true)
        {
            var last = Volatile.Read(ref _lastStamp);
            var now = UtcTicks;

            // A clock that was set back by more than this is followed, and not outrun for as long as it was wrong.
            var stamp = now <= last && last - now < TimeSpan.TicksPerSecond ? last + 1 : now;
            if (Interlocked.CompareExchange(ref _lastStamp, stamp, last) == last)
            {
                return stamp;
            }
        }
    }
}
