namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>Until when the invalidations of a source are known to arrive, unless a probe proves it anew.</summary>
/// <remarks>
/// Proof has an end, so that a link that went silent, or a process that was stopped and goes on later, answers nothing old for longer than
/// <see cref="Validity"/>. The time is read for every L1 hit: the tick count costs half of what a timestamp of TimeProvider does, and its
/// milliseconds are enough.
/// </remarks>
internal sealed class ArmedTime
{
    /// <summary>How long a proof lasts, from the moment at which it was asked for.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromSeconds(2);

    /// <summary>How often it is asked for.</summary>
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the answer may take.</summary>
    public static readonly TimeSpan ProbeTimeout = TimeSpan.FromMilliseconds(1500);

    private readonly Lock _gate = new();
    private long _until;
    private bool _isOpen;

    public static long Now => Environment.TickCount64;

    public bool IsArmed => IsArmedAt(Now);

    /// <summary>Whether it was armed and not disarmed since; the last proof may have run out.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return _isOpen;
            }
        }
    }

    public bool IsArmedAt(long now) => now < Volatile.Read(ref _until);

    /// <summary>Begins, with a proof that was asked for at <paramref name="askedAt"/>.</summary>
    public void Arm(long askedAt)
    {
        lock (_gate)
        {
            _isOpen = true;
            Volatile.Write(ref _until, askedAt + (long)Validity.TotalMilliseconds);
        }
    }

    /// <summary>Goes on, with another proof. Without effect after <see cref="Disarm"/>: the proof may be older than the loss.</summary>
    public void Extend(long askedAt)
    {
        lock (_gate)
        {
            if (_isOpen)
            {
                Volatile.Write(ref _until, askedAt + (long)Validity.TotalMilliseconds);
            }
        }
    }

    /// <returns>Whether it was armed before.</returns>
    public bool Disarm()
    {
        lock (_gate)
        {
            var wasOpen = _isOpen;
            _isOpen = false;
            Volatile.Write(ref _until, 0);
            return wasOpen;
        }
    }
}
