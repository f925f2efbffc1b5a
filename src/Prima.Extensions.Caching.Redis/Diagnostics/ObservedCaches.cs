using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>The caches that are asked for their state when metrics are collected, with the tag that names each.</summary>
internal sealed class ObservedCaches<TState>
{
    private readonly ConcurrentDictionary<object, (KeyValuePair<string, object?> Name, Func<TState> State)> _caches = new();

    public IEnumerable<(KeyValuePair<string, object?> Name, TState State)> States => _caches.Values.Select(static cache => (cache.Name, cache.State()));

    /// <summary>Reports the state of a cache until its <paramref name="owner"/> is <see cref="Remove">removed</see>.</summary>
    public void Add(object owner, KeyValuePair<string, object?> name, Func<TState> state) => _caches[owner] = (name, state);

    public void Remove(object owner) => _caches.TryRemove(owner, out _);

    public IEnumerable<Measurement<T>> Measure<T>(Func<TState, T> measure)
        where T : struct
        => States.Select(cache => new Measurement<T>(measure(cache.State), cache.Name));
}
