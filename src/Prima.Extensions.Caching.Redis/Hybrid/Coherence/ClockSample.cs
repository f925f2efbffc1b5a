namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>One answer of Redis to what time it is.</summary>
/// <param name="Timestamp">A timestamp of this node, in the middle between question and answer.</param>
/// <param name="UtcTicks">What Redis said.</param>
/// <param name="Error">How far off that can be: half of the time between question and answer, in ticks.</param>
internal readonly record struct ClockSample(long Timestamp, long UtcTicks, long Error)
{
    // Two clocks drift apart by at most this part of the time that passes: 100 ppm is twice what a quartz does.
    private const long DriftDivisor = 10_000;

    /// <summary>What Redis' clock says at <paramref name="timestamp"/>.</summary>
    public long UtcTicksAt(long timestamp, TimeProvider time) => UtcTicks + time.GetElapsedTime(Timestamp, timestamp).Ticks;

    /// <summary>How far off that can be by then.</summary>
    public long ErrorAt(long timestamp, TimeProvider time) => Error + (time.GetElapsedTime(Timestamp, timestamp).Ticks / DriftDivisor);

    /// <summary>The one that is less far off at <paramref name="timestamp"/>.</summary>
    public static ClockSample Better(ClockSample? one, ClockSample other, long timestamp, TimeProvider time) =>
        one is { } first && first.ErrorAt(timestamp, time) < other.ErrorAt(timestamp, time) && first.AgreesWith(other, timestamp, time) ? first : other;

    // Redis' clock was set, or another server answers now.
    private bool AgreesWith(ClockSample other, long timestamp, TimeProvider time) =>
        Math.Abs(UtcTicksAt(timestamp, time) - other.UtcTicksAt(timestamp, time)) <= ErrorAt(timestamp, time) + other.ErrorAt(timestamp, time);
}
