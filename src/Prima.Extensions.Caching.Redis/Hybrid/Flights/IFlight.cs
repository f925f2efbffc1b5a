using Prima.Extensions.Caching.Redis.Hybrid.Local;

namespace Prima.Extensions.Caching.Redis.Hybrid.Flights;

/// <summary>A <see cref="Flight{T}"/> of whatever type.</summary>
internal interface IFlight
{
    FlightKey Key { get; }

    ReadGuard Guard { get; }

    /// <summary>How many tags had been removed when the flight began.</summary>
    long TagRemovals { get; }

    bool TryJoin();
}
