using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Hybrid;
using Prima.Extensions.Caching.Redis.Hybrid.Local;

namespace Prima.Extensions.Caching.Redis.Hybrid.Flights;

/// <summary>The flights under way.</summary>
internal sealed class FlightTable(LocalCache local)
{
    private const HybridCacheEntryFlags NoLevel = HybridCacheEntryFlags.DisableLocalCache | HybridCacheEntryFlags.DisableDistributedCache;

    private readonly ConcurrentDictionary<FlightKey, IFlight> _underWay = new();
    private long _tagRemovals;

    /// <summary>Takes note that a tag was removed: who comes from now on joins no flight that began before.</summary>
    public void TagRemoved() => Interlocked.Increment(ref _tagRemovals);

    /// <summary>Joins the flight for the same, or begins one.</summary>
    /// <returns>The flight, and whether the caller has to make it happen.</returns>
    public (Flight<T> Flight, bool IsNew) Board<T>(string key, HybridCacheEntryFlags flags, bool canBeCancelled, bool mayBeAbandoned = false)
    {
        var flightKey = new FlightKey(key, typeof(T), flags);
        while (true)
        {
            if (_underWay.TryGetValue(flightKey, out var present))
            {
                if (IsCurrent(present) && present.TryJoin())
                {
                    return ((Flight<T>)present, IsNew: false);
                }

                _underWay.TryRemove(KeyValuePair.Create(flightKey, present));
            }

            var flight = new Flight<T>(flightKey, local.Begin(key), Volatile.Read(ref _tagRemovals), canBeCancelled, mayBeAbandoned);
            if (_underWay.TryAdd(flightKey, flight))
            {
                return (flight, IsNew: true);
            }

            local.End(flight.Guard);
        }
    }

    /// <summary>Lets a flight look anew: it has not found the value yet, and whoever comes from now on may join.</summary>
    public void BeginAnew<T>(Flight<T> flight)
    {
        var before = flight.Guard;
        flight.BeginAnew(local.Begin(flight.Key.Key), Volatile.Read(ref _tagRemovals));
        local.End(before);
    }

    public void End(IFlight flight)
    {
        _underWay.TryRemove(KeyValuePair.Create(flight.Key, flight));
        local.End(flight.Guard);
    }

    // What is in no level cannot have been missed by one.
    private bool IsCurrent(IFlight flight) =>
        ((flight.Key.Flags & NoLevel) == NoLevel ? !flight.Guard.IsInvalidated : local.IsCurrent(flight.Guard)) && flight.TagRemovals == Volatile.Read(ref _tagRemovals);
}
