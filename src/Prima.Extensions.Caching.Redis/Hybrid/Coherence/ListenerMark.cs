using Microsoft.Extensions.Caching.Distributed;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>
/// Tells nodes that are tracking that others listen to the channel, which hear of their writes only if they are told:
/// <code>
/// __prima_listeners__     one byte; every node on the channel renews it twice a second
/// </code>
/// </summary>
/// <remarks>
/// <para>It is a key of the instance, so whoever is tracking is told of each renewal as of any write, and in order with its proofs.</para>
/// <para>1. A node on the channel answers from its L1 only when it has renewed the mark for <see cref="ArmedTime.Validity"/> without a gap. 2. A node that is tracking announces
/// its writes on the channel for <see cref="Memory"/> after a renewal, and whenever it is not armed for the mark. So one that does not announce has a proof, at most
/// <see cref="ArmedTime.Validity"/> old, that it took in everything up to then, and no renewal was in it: nobody who answers from an L1 listens.</para>
/// </remarks>
internal sealed class ListenerMark(PrimaRedisCache cache)
{
    public const string Key = "__prima_listeners__";

    /// <summary>For how long a renewal counts: a proof's age, the gap between two renewals, and what each may take, with as much again to spare.</summary>
    public static readonly TimeSpan Memory = 4 * ArmedTime.Validity;

    private static readonly byte[] Value = [1];

    private long _since;
    private long _renewedAt = long.MinValue / 2;

    /// <summary>Whether everybody who is tracking knows by now, as long as the last renewal is not older than <see cref="ArmedTime.Validity"/>.</summary>
    public bool IsKnown => ArmedTime.Now - Volatile.Read(ref _since) >= ArmedTime.Validity.TotalMilliseconds;

    /// <summary>Renews it.</summary>
    /// <returns>Whether Redis did that in time.</returns>
    public async ValueTask<bool> RenewAsync(CancellationToken token)
    {
        var askedAt = ArmedTime.Now;
        var write = cache.Write(Key, new(Value), new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = Memory });
        var isRenewed = await cache.Executor.ExecuteAsync<MarkOperation, bool>(new(write, Memory), token).ConfigureAwait(false);
        var now = ArmedTime.Now;
        if (!isRenewed || now - askedAt > ArmedTime.Validity.TotalMilliseconds)
        {
            return false;
        }

        if (askedAt - _renewedAt > ArmedTime.Validity.TotalMilliseconds)
        {
            Volatile.Write(ref _since, now);
        }

        _renewedAt = askedAt;
        return true;
    }
}
