using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Diagnostics;
using Prima.Extensions.Caching.Redis.Hybrid.Leases;
using Prima.Extensions.Caching.Redis.Hybrid.Local;
using Prima.Extensions.Caching.Redis.Hybrid.Payloads;
using Prima.Extensions.Caching.Redis.Hybrid.Serialization;

namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>Brings values into Redis and into the L1.</summary>
internal sealed class EntryWriter(LocalCache local, LeaseDesk leases, IInvalidationSource source, HybridClock clock, HybridTelemetry telemetry, KeyRedaction redaction, ILogger logger, PrimaHybridCacheOptions options, int maximumPayload)
{
    private const int SizeOfAnEntry = 256;

    /// <summary>Notes what is so when a value begins to be made.</summary>
    public Making Begin(ReadGuard guard, Lease? lease, in EntryPlan plan)
    {
        var stamps = local.Tags.Watch(plan.Tags);
        return new(guard, lease, stamps, guard.WasArmed && local.IsArmed(guard.Key, stamps), clock.CreationTicks);
    }

    /// <summary>Makes bytes of a value, where they are needed.</summary>
    /// <exception cref="Exception">What the serializer threw.</exception>
    public SerializedValue<T> Serialize<T>(string key, T value, TypeHandling<T> handling, in EntryPlan plan)
    {
        if (!plan.WritesDistributed && handling.IsShared && (ValueSize.TryGet(value, out var size) || !plan.WritesLocal))
        {
            return new(value, handling, buffer: null, size);
        }

        // The L1 takes what is too large for Redis, within its own limit.
        var limit = (int)Math.Min(Math.Max(maximumPayload, local.LargestEntry), Array.MaxLength / 4);
        var buffer = new PayloadBuffer(limit, HybridPayload.MaximumHeaderLength(key, plan.Tags));
        try
        {
            handling.Serializer.Serialize(value, buffer);
            return new(value, handling, buffer, buffer.Length);
        }
        catch (Exception) when (buffer.HasRefused)
        {
            // Serializers put exceptions of their own around the buffer's.
            buffer.Dispose();
            return new(value, handling, buffer: null, long.MaxValue);
        }
        catch (Exception fault)
        {
            HybridLog.SerializationFailed(logger, redaction.Redact(key), typeof(T), fault.GetType().Name);
            throw;
        }
    }

    /// <summary>Whether a value may go to Redis; if not, it is said so.</summary>
    public bool Fits<T>(string key, in SerializedValue<T> value, in EntryPlan plan)
    {
        if (value.Size <= maximumPayload && HybridPayload.NamesFit(key, plan.Tags))
        {
            return true;
        }

        HybridLog.PayloadTooLarge(logger, redaction.Redact(key), maximumPayload);
        return false;
    }

    /// <summary>Keeps what a factory made: in Redis, if its lease stands or there are none, and in the L1; nowhere, if the key was written or removed, or a tag removed, since it began.</summary>
    public async ValueTask FillAsync<T>(Making making, SerializedValue<T> value, EntryPlan plan)
    {
        // Without an answer to the request for a lease nobody would know whether the key was removed meanwhile.
        if (!plan.WritesDistributed || making.Lease is { State: LeaseState.Unavailable } || !Fits(making.Guard.Key, value, plan))
        {
            if (plan.WritesLocal && !making.IsRemovedByTag())
            {
                local.TryAdmit(making.Guard, Entry(making.Guard, making, value, plan, entropy: 0, write: null));
            }

            Release(making.Lease);
        }
        else if (making.IsRemovedByTag() || making.Lease is { IsVoid: true } || local.TryBeginFill(making.Guard) is not { } write)
        {
            Refused(making.Guard.Key);
            Release(making.Lease);
        }
        else
        {
            await FillAsync(making, write, value, plan).ConfigureAwait(false);
        }
    }

    /// <summary>Sets an entry.</summary>
    /// <exception cref="Exception">What Redis could not do, with <see cref="FailureMode.Throw"/>.</exception>
    public async ValueTask SetAsync<T>(string key, SerializedValue<T> value, EntryPlan plan, CancellationToken token)
    {
        var write = local.BeginWrite(key);
        LocalEntry? entry = null;
        try
        {
            var making = Begin(write, lease: null, plan);
            var entropy = NextEntropy();
            if (!plan.WritesDistributed)
            {
                entry = Entry(write, making, value, plan, entropy, write: null);
            }
            else if (Fits(key, value, plan))
            {
                using var activity = telemetry.StartWrite();
                if (await leases.SetAsync(key, Payload(making, value, plan, entropy), ExpirationOf(plan, making.Created), token).ConfigureAwait(false))
                {
                    entry = Entry(write, making, value, plan, entropy, write);
                }
            }
            else
            {
                // The old value must not stay in its place.
                await leases.RemoveAsync(key, token).ConfigureAwait(false);
            }
        }
        finally
        {
            // In an outage only what factories made is held: a value that was set may never have got anywhere else.
            local.EndWrite(write, plan.WritesLocal && entry is { IsOfOutage: false } ? entry : null);

            // Also where it failed: Redis may have it all the same.
            if (plan.WritesDistributed)
            {
                source.Announce([key]);
            }
        }
    }

    public async ValueTask RemoveAsync(string key, CancellationToken token)
    {
        var write = local.BeginRemoval(key);
        try
        {
            await leases.RemoveAsync(key, token).ConfigureAwait(false);
        }
        finally
        {
            local.EndWrite(write, entry: null);
            source.Announce([key]);
        }
    }

    /// <summary>The L1's copy of an entry that was read from Redis.</summary>
    public LocalEntry Entry<T>(ReadGuard guard, in DistributedEntry<T> read, TypeHandling<T> handling, in EntryPlan plan)
    {
        var life = Math.Min(plan.LocalExpiration.Ticks, read.Header.Ends - clock.UtcTicks);
        return handling.IsShared
            ? new SharedEntry<T>(read.Value!)
            {
                Key = guard.Key, Size = SizeOf(guard.Key, read.Header.Length, read.Header.Tags), Created = read.Header.Created, ExpiresAt = EndOf(life), Stamps = read.Tags.Stamps, Epoch = guard.Epoch,
            }
            : new IsolatedEntry<T>(read.Bytes, handling.Serializer)
            {
                Key = guard.Key, Size = SizeOf(guard.Key, read.Header.Length, read.Header.Tags), Created = read.Header.Created, ExpiresAt = EndOf(life), Stamps = read.Tags.Stamps, Epoch = guard.Epoch,
            };
    }

    private async ValueTask FillAsync<T>(Making making, OwnWrite write, SerializedValue<T> value, EntryPlan plan)
    {
        var key = write.Key;
        var entropy = NextEntropy();
        var result = FillResult.Failed;
        using var activity = telemetry.StartWrite();
        try
        {
            var payload = Payload(making, value, plan, entropy);
            var expiration = ExpirationOf(plan, making.Created);
            result = making.Lease is { State: LeaseState.Held } lease
                ? await leases.FillAsync(lease, payload, expiration, CancellationToken.None).ConfigureAwait(false)
                : await leases.SetAsync(key, payload, expiration, CancellationToken.None).ConfigureAwait(false) ? FillResult.Written : FillResult.Failed;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            HybridLog.FillFailed(logger, redaction.Redact(key), fault.GetType().Name);
            activity.Failed(fault);
        }
        finally
        {
            // What Redis has is held only where changes of it are announced. What it has not, if nobody wrote there meanwhile.
            var isToBeHeld = result == FillResult.Written ? making.IsArmed : result == FillResult.Failed && !write.IsInDoubt;
            local.EndWrite(write, isToBeHeld && plan.WritesLocal ? Entry(write, making, value, plan, entropy, write) : null);
            making.Lease?.StopRenewal();
        }

        if (result == FillResult.Refused)
        {
            Refused(key);
            return;
        }

        source.Announce([key]);
    }

    private static ReadOnlySequence<byte> Payload<T>(in Making making, in SerializedValue<T> value, in EntryPlan plan, ushort entropy) =>
        new(value.Buffer!.Frame(making.Guard.Key, plan.Tags, making.Created, plan.Expiration.Ticks, entropy));

    private LocalEntry Entry<T>(ReadGuard guard, in Making making, in SerializedValue<T> value, in EntryPlan plan, ushort entropy, OwnWrite? write)
    {
        var life = Math.Min(plan.LocalExpiration.Ticks, RemainingTicks(plan, making.Created));
        var isOfOutage = !making.IsArmed;
        var expiresAt = EndOf(isOfOutage ? Math.Min(life, options.OutageLocalExpiration.Ticks) : life);
        var size = SizeOf(guard.Key, value.Size, plan.Tags);
        return value.Handling.IsShared
            ? new SharedEntry<T>(value.Value) { Key = guard.Key, Size = size, Created = making.Created, Entropy = entropy, ExpiresAt = expiresAt, Stamps = making.Stamps, Epoch = guard.Epoch, IsOfOutage = isOfOutage, Write = write }
            : new IsolatedEntry<T>(value.Bytes.GetValueOrDefault(), value.Handling.Serializer) { Key = guard.Key, Size = size, Created = making.Created, Entropy = entropy, ExpiresAt = expiresAt, Stamps = making.Stamps, Epoch = guard.Epoch, IsOfOutage = isOfOutage, Write = write };
    }

    /// <summary>Ends a lease without a value, if it is held. Nobody waits for Redis.</summary>
    public void Release(Lease? lease)
    {
        if (lease is { State: LeaseState.Held })
        {
            leases.Release(lease);
        }
    }

    private void Refused(string key)
    {
        telemetry.FillRefused();
        HybridLog.FillRefused(logger, redaction.Redact(key));
    }

    private long EndOf(long life) => clock.Milliseconds + (life / TimeSpan.TicksPerMillisecond) - clock.Lag;

    // It counts from the creation time on, as the payload says.
    private DistributedCacheEntryOptions ExpirationOf(in EntryPlan plan, long created) =>
        new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond, RemainingTicks(plan, created))) };

    private long RemainingTicks(in EntryPlan plan, long created) => plan.Expiration.Ticks - Math.Max(0, clock.UtcTicks - created);

    private static long SizeOf(string key, long length, string[] tags) => length >= long.MaxValue / 2 ? length : length + (2L * key.Length) + (8L * tags.Length) + SizeOfAnEntry;

    private static ushort NextEntropy() => (ushort)Random.Shared.Next(ushort.MaxValue + 1);
}
