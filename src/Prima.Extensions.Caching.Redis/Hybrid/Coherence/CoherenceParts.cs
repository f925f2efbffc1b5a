using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Hybrid.Leases;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>What an L1 needs in order to be right on many nodes, made over one cache: a clock, a source of invalidations, and leases.</summary>
/// <remarks>
/// What the engine does with it:
/// 1. <see cref="Start"/> with the L1 as sink; nothing waits for Redis. 2. Creation times are <see cref="RedisClock.CreationTicks"/> of when the making began;
/// stamps of tags are <see cref="RedisClock.NextStampAsync"/>, and their removal is complete after <see cref="RedisClock.PassAsync"/>. 3. A miss takes a lease, with how an unfit entry began: held = make and fill, or release; busy = wait and
/// read again; changed = read again, and after that take it with <see cref="LeaseDesk.SeenAnything"/>; unavailable = make, and
/// hand it out without writing it to Redis; unsupported = make, and set as without leases. 4. A fill also does not
/// happen when the key was invalidated since the lease was taken: that is how a foreign removal of an existing entry is respected. 5. Sets and removals go through the
/// desk, which ends leases in the same step, and are announced afterwards: <see cref="IInvalidationSource.Announce"/>. 6. Keys that are no valid UTF-16 do not enter the L1: Redis announces them with other characters.
/// </remarks>
internal sealed class CoherenceParts : IAsyncDisposable
{
    private int _disposed;

    public CoherenceParts(PrimaRedisCache cache, PrimaRedisCacheOptions options, TimeSpan leaseDuration, ILoggerFactory loggerFactory, TimeProvider time)
    {
        var logger = loggerFactory.CreateLogger(typeof(CoherenceParts).Namespace!);
        Clock = new(cache, time);
        Source = new(cache, options, Clock, logger, time);
        Leases = new(cache, leaseDuration, logger, time) { RemovedLate = key => Source.Announce([key]) };
    }

    public RedisClock Clock { get; }

    public CoherentSource Source { get; }

    public LeaseDesk Leases { get; }

    public void Start(IInvalidationSink sink)
    {
        Clock.Start();
        Leases.Start();
        Source.Start(sink);
    }

    /// <summary>Ends everything. A container that has a cache under two services disposes it twice.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await Source.DisposeAsync().ConfigureAwait(false);
        await Leases.DisposeAsync().ConfigureAwait(false);
        await Clock.DisposeAsync().ConfigureAwait(false);
    }
}
