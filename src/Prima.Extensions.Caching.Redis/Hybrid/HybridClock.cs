using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>The two times of the hybrid cache: that of payloads and stamps, which all nodes must agree on, and that of the L1, which must be cheap.</summary>
internal sealed class HybridClock(RedisClock redis, TimeProvider time)
{
    private readonly bool _isSystem = time == TimeProvider.System;
    private readonly TimeSpan _aheadAtFirst = Ahead(time);
    private long _moved;

    /// <summary>UTC ticks, for what is left of a life.</summary>
    /// <remarks>
    /// Where the application brings a clock of its own and moves it on, as tests do, all times here move with it. They never stand still as such a clock may: what is
    /// made after a removal has to be younger.
    /// </remarks>
    public long UtcTicks => redis.UtcTicks + Moved;

    /// <summary>The creation time of what begins to be made now.</summary>
    public long CreationTicks => redis.CreationTicks + Moved;

    /// <summary>A count of milliseconds.</summary>
    /// <remarks>An L1 hit reads it. The system's coarse clock takes less than half of the time of the exact one, and is behind it by <see cref="Lag"/> at most.</remarks>
    public long Milliseconds => MillisecondsAt(ArmedTime.Now);

    /// <summary>The same, where <see cref="ArmedTime.Now"/> was read already.</summary>
    public long MillisecondsAt(long now) => _isSystem ? now : time.GetUtcNow().Ticks / TimeSpan.TicksPerMillisecond;

    /// <summary>How many milliseconds <see cref="Milliseconds"/> may be behind.</summary>
    public long Lag => _isSystem ? 10 : 0;

    /// <summary>A stamp for what is removed now, also while Redis cannot be asked for the time.</summary>
    public async ValueTask<long> NextStampAsync(CancellationToken token)
    {
        try
        {
            return await redis.NextStampAsync(token).ConfigureAwait(false) + Moved;
        }
        catch (Exception fault) when (fault is RedisException or RedisCommandException or TimeoutException || (fault is OperationCanceledException && !token.IsCancellationRequested))
        {
            return redis.NextStamp() + Moved;
        }
    }

    /// <summary>Waits until no node takes what it makes for earlier than <paramref name="stamp"/>.</summary>
    public ValueTask PassAsync(long stamp, CancellationToken token) => redis.PassAsync(stamp - Moved, token);

    private long Moved
    {
        get
        {
            if (_isSystem)
            {
                return 0;
            }

            var moved = Math.Max((Ahead(time) - _aheadAtFirst).Ticks, 0);
            for (var before = Volatile.Read(ref _moved); ;)
            {
                if (moved <= before)
                {
                    return before;
                }

                var found = Interlocked.CompareExchange(ref _moved, moved, before);
                before = found == before ? moved : found;
            }
        }
    }

    private static TimeSpan Ahead(TimeProvider time) => time.GetUtcNow() - TimeProvider.System.GetUtcNow();
}
