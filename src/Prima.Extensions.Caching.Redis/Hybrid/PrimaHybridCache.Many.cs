using Microsoft.Extensions.Caching.Hybrid;
using Prima.Extensions.Caching.Redis.Hybrid;

namespace Prima.Extensions.Caching.Redis;

public sealed partial class PrimaHybridCache
{
    /// <summary>Reads an entry, without making it where there is none.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="options">Flags and local expiration; the default entry options where it says nothing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether there is an entry, and its value. It completes at once on an L1 hit.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    public ValueTask<HybridLookup<T>> TryGetAsync<T>(string key, HybridCacheEntryOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        var plan = _defaults.Plan(options, tags: null);
        return TryGetLocal(key, plan, out T value) ? new(new HybridLookup<T>(Found: true, value)) : ReadAsync<T>(key, plan, cancellationToken);
    }

    /// <summary>Reads entries: what the L1 does not have, from Redis in one batch.</summary>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <param name="keys">The keys.</param>
    /// <param name="options">Flags and local expiration; the default entry options where it says nothing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The entries that there are, by key.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="keys"/> or one of them is <see langword="null"/>.</exception>
    public async ValueTask<IReadOnlyDictionary<string, T>> GetManyAsync<T>(IEnumerable<string> keys, HybridCacheEntryOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        cancellationToken.ThrowIfCancellationRequested();
        var found = new Dictionary<string, T>(StringComparer.Ordinal);
        var plan = _defaults.Plan(options, tags: null);
        var missing = Missing(keys, plan, found);
        await EndOrCancelAsync(ReadMissingAsync(missing, plan, found, cancellationToken), cancellationToken).ConfigureAwait(false);
        return found;
    }

    /// <summary>Reads entries, and has all that are missing made by one call of a factory.</summary>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <param name="keys">The keys.</param>
    /// <param name="factory">Makes values for the keys it is given. A key that it returns no value for is not kept.</param>
    /// <param name="options">As for <see cref="HybridCache.GetOrCreateAsync{T}(string, Func{CancellationToken, ValueTask{T}}, HybridCacheEntryOptions?, IEnumerable{string}?, CancellationToken)"/>; for all entries.</param>
    /// <param name="tags">The tags of what the factory makes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The entries by key: those that were there, and those that the factory made.</returns>
    /// <remarks>What another node is making at the moment is waited for. If it fails to make it, the factory is called again for that.</remarks>
    /// <exception cref="ArgumentNullException">An argument, or one of the keys, is <see langword="null"/>.</exception>
    public ValueTask<IReadOnlyDictionary<string, T>> GetOrCreateManyAsync<T>(
        IEnumerable<string> keys, Func<IReadOnlyList<string>, CancellationToken, ValueTask<IReadOnlyDictionary<string, T>>> factory, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return GetOrCreateManyAsync(keys, factory, static (keys, factory, token) => factory(keys, token), options, tags, cancellationToken);
    }

    /// <inheritdoc cref="GetOrCreateManyAsync{T}(IEnumerable{string}, Func{IReadOnlyList{string}, CancellationToken, ValueTask{IReadOnlyDictionary{string, T}}}, HybridCacheEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    /// <typeparam name="TState">The type of what the factory works with.</typeparam>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <param name="keys">The keys.</param>
    /// <param name="state">What the factory works with, so that it needs no closure.</param>
    /// <param name="factory">Makes values for the keys it is given. A key that it returns no value for is not kept.</param>
    /// <param name="options">For all entries; the default entry options where it says nothing.</param>
    /// <param name="tags">The tags of what the factory makes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<IReadOnlyDictionary<string, T>> GetOrCreateManyAsync<TState, T>(
        IEnumerable<string> keys, TState state, Func<IReadOnlyList<string>, TState, CancellationToken, ValueTask<IReadOnlyDictionary<string, T>>> factory, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(factory);
        cancellationToken.ThrowIfCancellationRequested();
        var plan = _defaults.Plan(options, tags);
        if (!plan.RunsFactory)
        {
            return await GetManyAsync<T>(keys, options, cancellationToken).ConfigureAwait(false);
        }

        var found = new Dictionary<string, T>(StringComparer.Ordinal);
        var missing = Missing(keys, plan, found);
        if (missing.Count > 0)
        {
            await EndOrCancelAsync(FlyManyAsync(missing, state, factory, plan, found, cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        return found;
    }

    /// <summary>Sets entries, all on their way at the same time.</summary>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <param name="entries">Keys and values.</param>
    /// <param name="options">For all entries; the default entry options where it says nothing.</param>
    /// <param name="tags">The tags of all entries.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When Redis has the values.</returns>
    /// <remarks>Where several fail, the first exception is thrown; the others were tried.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="entries"/> or a key is <see langword="null"/>.</exception>
    public ValueTask SetManyAsync<T>(IEnumerable<KeyValuePair<string, T>> entries, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        string[]? allTags = tags is null ? null : [.. tags];
        return ChangeManyAsync(entries, (cache, entry, token) => cache.SetAsync(entry.Key, entry.Value, options, allTags, token), cancellationToken);
    }

    private bool TryGetLocal<T>(string key, in EntryPlan plan, out T value)
    {
        value = default!;
        if (!plan.ReadsLocal)
        {
            return false;
        }

        if (_local.TryGet(key, out var entry) && TryRead(entry, out value))
        {
            _telemetry.LocalHit();
            return true;
        }

        _telemetry.LocalMiss();
        return false;
    }

    private async ValueTask<HybridLookup<T>> ReadAsync<T>(string key, EntryPlan plan, CancellationToken token)
    {
        if (!plan.ReadsDistributed || !IsUsable(key, plan))
        {
            return default;
        }

        var guard = _local.Begin(key);
        try
        {
            var handling = _types.Of<T>();
            var read = await _reader.ReadAsync(key, plan.Tags, handling, token).ConfigureAwait(false);
            if (!read.IsFound)
            {
                return default;
            }

            Admit(guard, read, handling, plan);
            return new(Found: true, read.Value);
        }
        finally
        {
            _local.End(guard);
        }
    }

    /// <summary>Fills <paramref name="found"/> with what the L1 has, and returns the keys of the rest, each once.</summary>
    private HashSet<string> Missing<T>(IEnumerable<string> keys, in EntryPlan plan, Dictionary<string, T> found)
    {
        var missing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            ArgumentNullException.ThrowIfNull(key, nameof(keys));
            if (found.ContainsKey(key) || missing.Contains(key))
            {
                continue;
            }

            if (TryGetLocal(key, plan, out T value))
            {
                found.Add(key, value);
            }
            else
            {
                missing.Add(key);
            }
        }

        return missing;
    }
}
