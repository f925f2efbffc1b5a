using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Leases;

/// <summary>A claim to make the value of a missing entry, for the whole fleet.</summary>
internal sealed class Lease
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _renewal;
    private volatile bool _isVoid;

    internal Lease(string key, LeaseKeys keys, string claim, ReadOnlyMemory<byte> seen)
    {
        (Key, Keys, Claim, Seen) = (key, keys, claim, seen);
    }

    public string Key { get; }

    public LeaseState State { get; internal set; }

    /// <summary>Whether it is known to have ended: a fill will be refused.</summary>
    public bool IsVoid => _isVoid;

    internal LeaseKeys Keys { get; }

    internal RedisValue Claim { get; }

    /// <summary>How the entry began that was found unfit, empty = there was none.</summary>
    internal ReadOnlyMemory<byte> Seen { get; }

    /// <summary>How long somebody else's lease lasts at most.</summary>
    internal TimeSpan Remaining { get; set; }

    /// <summary>Completes when somebody else's lease ended.</summary>
    internal Task Ended => _ended.Task;

    internal void End() => _ended.TrySetResult();

    internal void Void()
    {
        _isVoid = true;
        StopRenewal();
    }

    internal void RenewBy(ITimer timer) => _renewal = timer;

    internal void StopRenewal() => _renewal?.Dispose();
}
