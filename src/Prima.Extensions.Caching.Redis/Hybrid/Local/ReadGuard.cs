namespace Prima.Extensions.Caching.Redis.Hybrid.Local;

/// <summary>Something under way whose outcome is to enter the L1: it must not, once its key was invalidated meanwhile.</summary>
internal class ReadGuard(string key, long epoch, bool wasArmed)
{
    private volatile bool _isInvalidated;

    public string Key => key;

    /// <summary>The L1's epoch when this began.</summary>
    public long Epoch => epoch;

    /// <summary>Whether invalidations of the key came in when this began. If they did, and the epoch is still the same, they have come in all the time.</summary>
    public bool WasArmed => wasArmed;

    /// <summary>Whether somebody wrote or removed what is under the key since this began.</summary>
    public bool IsInvalidated => _isInvalidated;

    /// <summary>The next of those under way for the same key. Belongs to <see cref="LocalCache"/>, under the lock of the key's stripe.</summary>
    public ReadGuard? Next { get; set; }

    public void Invalidate() => _isInvalidated = true;
}
