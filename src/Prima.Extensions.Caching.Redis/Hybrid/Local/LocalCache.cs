using System.Diagnostics.CodeAnalysis;
using Prima.Extensions.Caching.Redis.Diagnostics;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Prima.Extensions.Caching.Redis.Hybrid.Tags;

namespace Prima.Extensions.Caching.Redis.Hybrid.Local;

/// <summary>The L1: what is answered from memory, and what may enter it.</summary>
/// <remarks>
/// <para>1. It answers only while the source of invalidations is known to be alive for the key. In an outage it answers only what was made in it.</para>
/// <para>2. Whatever is to enter takes a guard before it looks at Redis, and enters under the lock that invalidations of its key take too: what was invalidated
/// meanwhile does not enter.</para>
/// <para>3. To empty the whole is to count up the epoch: no entry, and nothing under way, of an older epoch is answered from then on.</para>
/// </remarks>
internal sealed class LocalCache : IInvalidationSink
{
    private const int StripeCount = 256;

    private readonly LocalStripe[] _stripes = [.. Enumerable.Range(0, StripeCount).Select(static _ => new LocalStripe())];
    private readonly LocalStore _store;
    private readonly IInvalidationSource _source;
    private readonly HybridClock _clock;
    private readonly HybridTelemetry _telemetry;
    private long _epoch;

    public LocalCache(PrimaHybridCacheOptions options, IInvalidationSource source, HybridClock clock, HybridTelemetry telemetry)
    {
        _source = source;
        _clock = clock;
        _telemetry = telemetry;
        _store = new(options.MaximumLocalEntries, options.MaximumLocalBytes, () => clock.Milliseconds, cause => telemetry.LocalRemoved(cause.MetricName()));
        LargestEntry = options.MaximumLocalBytes / 10;
        Tags = new(options.MaximumTags);
    }

    /// <summary>The tags that entries and payloads are checked against.</summary>
    public TagTable Tags { get; }

    /// <summary>An entry of more bytes would displace too many others.</summary>
    public long LargestEntry { get; }

    public int Count => _store.Count;

    public long Bytes => _store.Bytes;

    public long Epoch => Volatile.Read(ref _epoch);

    /// <summary>Compares an entry with what is in Redis, in the background, and has it removed where it is not the same.</summary>
    public Action<LocalEntry>? Verify { get; set; }

    /// <summary>Called after a tag was removed.</summary>
    public Action? TagRemoved { get; set; }

    /// <summary>Called after the whole was emptied.</summary>
    public Action<ClearReason>? Cleared { get; set; }

    /// <summary>Whether what happens to <paramref name="key"/> is known to be announced.</summary>
    public bool IsArmed(string key) => _source.IsArmed(key);

    /// <summary>The same for an entry with tags: their stamps may be announced by others than its key.</summary>
    public bool IsArmed(string key, TagStamp[] stamps) => IsArmed(key, stamps, ArmedTime.Now);

    public bool TryGet(string key, [NotNullWhen(true)] out LocalEntry? entry) => _store.TryGet(key, out entry) && IsAnswerable(entry);

    public bool TryGet(ReadOnlySpan<char> key, [NotNullWhen(true)] out LocalEntry? entry) => _store.TryGet(key, out entry) && IsAnswerable(entry);

    /// <summary>Begins what may enter the L1 under <paramref name="key"/>.</summary>
    public ReadGuard Begin(string key)
    {
        var guard = new ReadGuard(key, Epoch, _source.IsArmed(key));
        var stripe = StripeOf(key);
        lock (stripe.Gate)
        {
            stripe.Add(guard);
        }

        return guard;
    }

    public void End(ReadGuard guard)
    {
        var stripe = StripeOf(guard.Key);
        lock (stripe.Gate)
        {
            stripe.Remove(guard);
        }
    }

    /// <summary>Whether what began with <paramref name="guard"/> is still what a reader that comes now would find.</summary>
    public bool IsCurrent(ReadGuard guard) => !guard.IsInvalidated && guard.Epoch == Epoch;

    /// <summary>Lets <paramref name="entry"/> in, unless its key was invalidated since <paramref name="guard"/> was taken.</summary>
    public bool TryAdmit(ReadGuard guard, LocalEntry entry)
    {
        var stripe = StripeOf(guard.Key);
        lock (stripe.Gate)
        {
            if (!IsCurrent(guard) || entry.Size > LargestEntry)
            {
                return false;
            }

            _store.Set(entry);
            return true;
        }
    }

    /// <summary>Begins a write of this node: from here on nothing older enters. What is held is answered until the write is announced or has ended.</summary>
    public OwnWrite BeginWrite(string key)
    {
        var stripe = StripeOf(key);
        lock (stripe.Gate)
        {
            return BeginWrite(stripe, key);
        }
    }

    /// <summary>Begins a removal of this node: from here on nothing older is answered here, nor enters.</summary>
    public OwnWrite BeginRemoval(string key)
    {
        var stripe = StripeOf(key);
        lock (stripe.Gate)
        {
            _store.Remove(key, RemovalCause.Invalidated);
            return BeginWrite(stripe, key);
        }
    }

    /// <summary>Begins to write what a factory made, unless its key was invalidated since <paramref name="guard"/> was taken.</summary>
    public OwnWrite? TryBeginFill(ReadGuard guard)
    {
        var stripe = StripeOf(guard.Key);
        lock (stripe.Gate)
        {
            if (!IsCurrent(guard))
            {
                return null;
            }

            // Only this fill goes on with its guard: whoever joins it later gets the value that is being written.
            stripe.Remove(guard);
            var write = BeginWrite(stripe, guard.Key);
            stripe.Add(guard);
            return write;
        }
    }

    /// <summary>Ends a write of this node, whether it was applied or not.</summary>
    /// <param name="write">What <see cref="BeginWrite(string)"/> returned.</param>
    /// <param name="entry">The node's own copy of what it wrote; <see langword="null"/> = none is to be held.</param>
    /// <returns>Whether the L1 holds a copy, this one or that of a write that began later.</returns>
    public bool EndWrite(OwnWrite write, LocalEntry? entry)
    {
        var isHeld = false;
        var stripe = StripeOf(write.Key);
        lock (stripe.Gate)
        {
            stripe.Remove(write);
            isHeld = entry is not null && entry.Size <= LargestEntry && IsCurrent(write);
            for (var guard = stripe.UnderWay(write.Key); guard is not null; guard = guard.Next)
            {
                if (!isHeld || guard is not OwnWrite)
                {
                    guard.Invalidate();
                }
            }

            if (!isHeld)
            {
                _store.Remove(write.Key, RemovalCause.Invalidated);
            }
            else if (_store.Peek(write.Key) is { Write: { } later } held && later.Number > write.Number)
            {
                entry = held;
            }
            else
            {
                _store.Set(entry!);
            }
        }

        if (isHeld && write.IsInDoubt)
        {
            Verify?.Invoke(entry!);
        }

        return isHeld;
    }

    /// <summary>Lets an entry take <paramref name="bytes"/> more, if that is not too much.</summary>
    public bool TryGrow(LocalEntry entry, long bytes) => entry.Size + bytes <= LargestEntry && _store.TryGrow(entry, bytes);

    /// <summary>Removes an entry that turned out to be wrong.</summary>
    public void Remove(LocalEntry entry, RemovalCause cause) => _store.Remove(entry, cause);

    public void Invalidate(string key, bool mayBeOwn)
    {
        _telemetry.Invalidated(_source.Name);
        InvalidateKey(key, mayBeOwn);
    }

    public void TookIn(TimeSpan lag) => _telemetry.InvalidationsTakenIn(_source.Name, lag);

    public void InvalidateTag(string tag, long stamp)
    {
        _telemetry.Invalidated(_source.Name);
        RaiseTag(tag, stamp);
    }

    /// <summary>Entries with <paramref name="tag"/> that are not younger than <paramref name="stamp"/> are gone.</summary>
    public void RaiseTag(string tag, long stamp)
    {
        // What is read of the tag's stamp right now may be the old one.
        InvalidateKey(TagTable.KeyOf(tag), mayBeOwn: false);
        if (Tags.Raise(tag, stamp) && tag == TagTable.Wildcard)
        {
            Empty();
        }

        TagRemoved?.Invoke();
    }

    public void InvalidateKey(string key, bool mayBeOwn)
    {
        LocalEntry? toBeVerified = null;
        var stripe = StripeOf(key);
        lock (stripe.Gate)
        {
            var isBeingWritten = false;
            for (var guard = stripe.UnderWay(key); guard is not null; guard = guard.Next)
            {
                isBeingWritten |= guard is OwnWrite;
                if (!mayBeOwn || guard is not OwnWrite write || !write.TryTakeForEcho())
                {
                    guard.Invalidate();
                }
            }

            var entry = _store.Peek(key);
            if (mayBeOwn && !isBeingWritten && entry is { Write: { } own } && own.TryTakeForEcho())
            {
                toBeVerified = entry;
            }
            else if (entry is not null)
            {
                _store.Remove(entry, RemovalCause.Invalidated);
            }
        }

        if (toBeVerified is not null)
        {
            Verify?.Invoke(toBeVerified);
        }
    }

    public void Clear(ClearReason reason)
    {
        // Before the tags, and after them: who begins in between has stamps that no removal changes any more.
        Interlocked.Increment(ref _epoch);
        Tags.Clear();
        Empty();
        _telemetry.Flushed(reason.MetricName());
        Cleared?.Invoke(reason);
    }

    private void Empty()
    {
        Interlocked.Increment(ref _epoch);
        _store.Clear();
    }

    private OwnWrite BeginWrite(LocalStripe stripe, string key)
    {
        var write = new OwnWrite(key, Epoch, _source.IsArmed(key), stripe.NextWrite());
        for (var guard = stripe.UnderWay(key); guard is not null; guard = guard.Next)
        {
            if (guard is OwnWrite other)
            {
                write.Overlaps(other);
            }
            else
            {
                guard.Invalidate();
            }
        }

        stripe.Add(write);
        return write;
    }

    private bool IsArmed(string key, TagStamp[] stamps, long now)
    {
        if (_source.IsArmedForAll(now))
        {
            return true;
        }

        if (!_source.IsDivided || !_source.IsArmed(key))
        {
            return false;
        }

        foreach (var stamp in stamps)
        {
            if (!_source.IsArmed(stamp.Key))
            {
                return false;
            }
        }

        return _source.IsArmed(TagTable.WildcardKey);
    }

    private bool IsAnswerable(LocalEntry entry)
    {
        // Asked before the epoch: what is armed anew was emptied before that.
        var now = ArmedTime.Now;
        var isArmed = IsArmed(entry.Key, entry.Stamps, now);
        var isOver = entry.ExpiresAt <= _clock.MillisecondsAt(now);
        if (entry.Epoch == Epoch && !isOver && !entry.IsRemovedByTag())
        {
            return isArmed != entry.IsOfOutage;
        }

        _store.Remove(entry, isOver ? RemovalCause.Expired : entry.IsRemovedByTag() ? RemovalCause.Tag : RemovalCause.Cleared);
        return false;
    }

    private LocalStripe StripeOf(string key) => _stripes[key.GetHashCode(StringComparison.Ordinal) & (StripeCount - 1)];
}
