using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Hybrid.Leases;

namespace Prima.Extensions.Caching.Redis.CoherenceChecker.Unguarded;

/// <summary>One node makes a value, and writes it whether its lease still stands or not.</summary>
internal sealed class LeaseDeskWithoutFence(PrimaRedisCache cache, TimeSpan duration, ILogger logger, TimeProvider time) : LeaseDesk(cache, duration, logger, time)
{
    public override async ValueTask<FillResult> FillAsync(Lease lease, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token)
    {
        await SetAsync(lease.Key, value, options, token);
        await ReleaseAsync(lease);
        return FillResult.Written;
    }
}
