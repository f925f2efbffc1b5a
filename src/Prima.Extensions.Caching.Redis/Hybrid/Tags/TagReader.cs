using System.Buffers.Binary;
using Prima.Extensions.Caching.Redis.Connections;
using Prima.Extensions.Caching.Redis.Hybrid.Local;

namespace Prima.Extensions.Caching.Redis.Hybrid.Tags;

/// <summary>Finds out when tags were removed: from memory where that is current, from Redis otherwise.</summary>
internal sealed class TagReader(PrimaRedisCache redis, LocalCache local, PendingTagRemovals pending, HybridClock clock)
{
    /// <summary>Begins to ask Redis for those of <paramref name="tags"/>, and of the tag of everything, that nothing is known of.</summary>
    /// <returns>What Redis says, <see langword="null"/> for a tag that it does not tell of; <see langword="null"/> if there is nothing to ask.</returns>
    public Task<Dictionary<string, TagStamp?>>? Prefetch(string[] tags)
    {
        if (Unknown(tags, fetched: null) is not { } unknown)
        {
            return null;
        }

        // Where there is no entry, nobody waits for it.
        var fetching = FetchAsync(unknown, fetched: null);
        fetching.Ignore();
        return fetching;
    }

    /// <summary>Asks also for those of <paramref name="tags"/>, which payloads have that were read meanwhile: for all at once.</summary>
    public async Task<Dictionary<string, TagStamp?>> PrefetchAsync(IEnumerable<string> tags, Task<Dictionary<string, TagStamp?>>? prefetch)
    {
        var fetched = prefetch is null ? null : await prefetch.ConfigureAwait(false);
        return Unknown(tags, fetched) is { } unknown ? await FetchAsync(unknown, fetched).ConfigureAwait(false) : fetched ?? [];
    }

    /// <summary>The stamps of an entry's tags.</summary>
    /// <param name="tags">The tags in the payload.</param>
    /// <param name="fetched">What was asked ahead.</param>
    /// <param name="created">When the entry was made.</param>
    /// <param name="token">Ends the wait for Redis.</param>
    public async ValueTask<TagVerdict> JudgeAsync(string[] tags, Dictionary<string, TagStamp?>? fetched, long created, CancellationToken token)
    {
        if (Unknown(tags, fetched) is { } unknown)
        {
            fetched = await FetchAsync(unknown, fetched).WaitAsync(token).ConfigureAwait(false);
        }

        var isKept = IsKept(TagTable.Wildcard, fetched, out var everything);
        if (everything is null)
        {
            return TagVerdict.Unknown;
        }

        var isRemoved = everything.Covers(created);
        var stamps = tags.Length == 0 ? [] : new TagStamp[tags.Length];
        for (var i = 0; i < tags.Length; i++)
        {
            isKept &= IsKept(tags[i], fetched, out var stamp);
            if (stamp is null)
            {
                return TagVerdict.Unknown;
            }

            isRemoved |= stamp.Covers(created);
            stamps[i] = stamp;
        }

        return isRemoved ? TagVerdict.Removed : new(IsKnown: true, IsValid: true, isKept, stamps);
    }

    private bool IsKept(string tag, Dictionary<string, TagStamp?>? fetched, out TagStamp? stamp)
    {
        var kept = local.Tags.Find(tag);
        if (fetched is not null && fetched.TryGetValue(tag, out stamp))
        {
            return kept == stamp;
        }

        // It was there a moment ago; if it was forgotten since, everything is taken to be gone.
        stamp = kept ?? TagStamp.Forgotten;
        return kept is not null;
    }

    private List<string>? Unknown(IEnumerable<string> tags, Dictionary<string, TagStamp?>? fetched)
    {
        var unknown = IsUnknown(TagTable.Wildcard, fetched) ? new List<string> { TagTable.Wildcard } : null;
        foreach (var tag in tags)
        {
            if (IsUnknown(tag, fetched))
            {
                (unknown ??= []).Add(tag);
            }
        }

        return unknown;
    }

    private bool IsUnknown(string tag, Dictionary<string, TagStamp?>? fetched) =>
        fetched?.ContainsKey(tag) != true && (local.Tags.Find(tag) is not { } stamp || !local.IsArmed(stamp.Key));

    /// <returns>What was <paramref name="fetched"/>, and the stamps of <paramref name="tags"/>.</returns>
    private async Task<Dictionary<string, TagStamp?>> FetchAsync(List<string> tags, Dictionary<string, TagStamp?>? fetched)
    {
        var guards = tags.ConvertAll(tag => local.Begin(TagTable.KeyOf(tag)));
        try
        {
            var read = await redis.GetManyArraysAsync(guards.ConvertAll(static guard => guard.Key)).ConfigureAwait(false);
            Dictionary<string, TagStamp?> stamps = fetched is null ? new(tags.Count, StringComparer.Ordinal) : new(fetched, StringComparer.Ordinal);
            for (var i = 0; i < tags.Count; i++)
            {
                stamps[tags[i]] = read[i] is BatchOutcome.Hit or BatchOutcome.Miss ? Keep(tags[i], guards[i], Latest(i)) : null;
            }

            // One that had to make room for others is still right, as one that nobody would announce.
            for (var i = 0; i < tags.Count; i++)
            {
                if (stamps[tags[i]] is { IsForgotten: true } && local.IsCurrent(guards[i]))
                {
                    stamps[tags[i]] = new(guards[i].Key, Latest(i), isComplete: true);
                }
            }

            return stamps;

            long Latest(int i) => Math.Max(TicksOf(read.Values[i]), pending.StampOf(tags[i]));
        }
        finally
        {
            guards.ForEach(local.End);
        }
    }

    // What is no stamp was meant to be one.
    private long TicksOf(byte[]? stamp) => stamp switch
    {
        null => 0,
        { Length: sizeof(long) } => BinaryPrimitives.ReadInt64LittleEndian(stamp),
        _ => clock.UtcTicks,
    };

    // Kept only while a change of it would be announced. Checked again when it is kept: who changes it in between finds it.
    private TagStamp Keep(string tag, ReadGuard guard, long ticks)
    {
        if (!guard.WasArmed)
        {
            return new(guard.Key, ticks, isComplete: true);
        }

        if (!local.IsCurrent(guard))
        {
            return TagStamp.Forgotten;
        }

        var stamp = local.Tags.Complete(tag, ticks);
        if (!local.IsCurrent(guard))
        {
            local.Tags.Forget(tag);
        }

        return stamp;
    }
}
