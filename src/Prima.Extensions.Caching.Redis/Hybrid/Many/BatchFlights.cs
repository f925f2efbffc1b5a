using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Hybrid;
using Prima.Extensions.Caching.Redis.Hybrid.Flights;

namespace Prima.Extensions.Caching.Redis.Hybrid.Many;

/// <summary>The flights of a batch: its own, which others may join, and those of others that it joined.</summary>
/// <remarks>All that is its own is made before what it joined is waited for: so batches with the same keys do not wait for each other.</remarks>
internal sealed class BatchFlights<T>(FlightTable flights, HybridCacheEntryFlags flags)
{
    private readonly Dictionary<string, Flight<T>> _own = new(StringComparer.Ordinal);
    private readonly HashSet<string> _joinedKeys = new(StringComparer.Ordinal);
    private readonly Stack<Flight<T>> _joined = [];

    /// <summary>Joins what is under way for <paramref name="keys"/>, and begins the rest.</summary>
    /// <returns>The flights that this batch has to make happen.</returns>
    public List<Flight<T>> Board(IEnumerable<string> keys)
    {
        var own = new List<Flight<T>>();
        foreach (var key in keys)
        {
            if (_own.TryGetValue(key, out var begun))
            {
                flights.BeginAnew(begun);
                own.Add(begun);
                continue;
            }

            if (_joinedKeys.Contains(key))
            {
                continue;
            }

            var (flight, isNew) = flights.Board<T>(key, flags, canBeCancelled: false, mayBeAbandoned: true);
            if (isNew)
            {
                _own.Add(key, flight);
                own.Add(flight);
            }
            else
            {
                _joinedKeys.Add(key);
                _joined.Push(flight);
            }
        }

        return own;
    }

    /// <summary>The flight that this batch began for <paramref name="key"/>, if it did.</summary>
    public Flight<T>? Own(string key) => _own.GetValueOrDefault(key);

    /// <summary>One that was joined and not yet waited for; whoever takes it waits for it, or leaves it.</summary>
    public bool TryTakeJoined([NotNullWhen(true)] out Flight<T>? flight)
    {
        var isTaken = _joined.TryPop(out flight);
        if (isTaken)
        {
            _joinedKeys.Remove(flight!.Key.Key);
        }

        return isTaken;
    }

    /// <summary>Nobody joins the flight any more.</summary>
    public void End(Flight<T> flight)
    {
        flights.End(flight);
        _own.Remove(flight.Key.Key);
    }

    /// <summary>Somebody else ends the flight.</summary>
    public void HandOver(Flight<T> flight) => _own.Remove(flight.Key.Key);

    /// <summary>Ends a flight without a value: who joined it looks for one himself.</summary>
    public void Abandon(Flight<T> flight)
    {
        End(flight);
        flight.Abandon();
    }

    /// <summary>Ends all that has not ended, and leaves what was not waited for.</summary>
    /// <param name="fault">What those who joined get; <see langword="null"/> = they look for a value themselves.</param>
    public void EndAll(Exception? fault)
    {
        foreach (var flight in _own.Values.ToList())
        {
            if (fault is not null)
            {
                flight.SetException(fault);
            }

            Abandon(flight);
        }

        while (TryTakeJoined(out var joined))
        {
            joined.Leave();
        }
    }
}
