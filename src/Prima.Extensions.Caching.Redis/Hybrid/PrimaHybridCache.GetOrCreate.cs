using Microsoft.Extensions.Caching.Hybrid;
using Prima.Extensions.Caching.Redis.Diagnostics;
using Prima.Extensions.Caching.Redis.Hybrid;
using Prima.Extensions.Caching.Redis.Hybrid.Flights;
using Prima.Extensions.Caching.Redis.Hybrid.Leases;
using Prima.Extensions.Caching.Redis.Hybrid.Local;
using Prima.Extensions.Caching.Redis.Hybrid.Serialization;

namespace Prima.Extensions.Caching.Redis;

public sealed partial class PrimaHybridCache
{
    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if ((_defaults.FlagsOf(options) & HybridCacheEntryFlags.DisableLocalCacheRead) == 0 && key is not null)
        {
            if (_local.TryGet(key, out var entry) && TryRead(entry, out T value))
            {
                _telemetry.LocalHit();
                return new(value);
            }

            _telemetry.LocalMiss();
        }

        return BoardAsync(key, state, factory, options, tags, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if ((_defaults.FlagsOf(options) & HybridCacheEntryFlags.DisableLocalCacheRead) == 0)
        {
            if (_local.TryGet(key, out var entry) && TryRead(entry, out T value))
            {
                _telemetry.LocalHit();
                return new(value);
            }

            _telemetry.LocalMiss();
        }

        return BoardAsync(key.ToString(), state, factory, options, tags, cancellationToken);
    }

    private bool TryRead<T>(LocalEntry entry, out T value)
    {
        if (entry is SharedEntry<T> shared)
        {
            value = shared.Value;
            return true;
        }

        if (entry is IsolatedEntry<T> isolated)
        {
            if (TryRead(isolated, out value))
            {
                return true;
            }

            _local.Remove(entry, RemovalCause.Invalidated);
            return false;
        }

        // Somebody keeps another type under this key.
        value = default!;
        return false;
    }

    private bool TryRead<T>(IsolatedEntry<T> entry, out T value)
    {
        // A string takes several times what its bytes take: of an entry that is not read often they are not worth the room.
        List<string>? found = entry.TryClaimStrings() ? [] : null;
        if (!_values.TryRead(entry.Key, entry.Bytes, entry.Serializer, entry.Strings, found, out value))
        {
            return false;
        }

        if (found is { Count: > 0 } && _local.TryGrow(entry, StringSharing.SizeOf(found)))
        {
            entry.Strings = [.. found];
        }

        return true;
    }

    private ValueTask<T> BoardAsync<TState, T>(
        string? key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options, IEnumerable<string>? tags, CancellationToken token)
    {
        var plan = _defaults.Plan(options, tags);
        if (!IsUsable(key, plan))
        {
            return plan.RunsFactory ? factory(state, token) : default;
        }

        var (flight, isNew) = _flights.Board<T>(key, plan.Flags, token.CanBeCanceled);
        if (!isNew)
        {
            _telemetry.Joined();
            return _types.Of<T>().IsShared && !flight.MayBeAbandoned ? flight.WaitAsync(token) : JoinAsync(flight, state, factory, options, tags, token);
        }

        _ = FlyAsync(flight, state, factory, plan);
        return flight.WaitAsync(token);
    }

    private async ValueTask<T> JoinAsync<TState, T>(
        Flight<T> flight, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options, IEnumerable<string>? tags, CancellationToken token)
    {
        var value = await flight.WaitAsync(token).ConfigureAwait(false);
        if (flight.IsAbandoned)
        {
            return await BoardAsync(flight.Key.Key, state, factory, options, tags, token).ConfigureAwait(false);
        }

        return TryCopy(flight, ref value) ? value : await RunAsync(state, factory, token).ConfigureAwait(false);
    }

    /// <summary>Makes a copy of a flight's value for one who joined, where the value is not shared.</summary>
    private bool TryCopy<T>(Flight<T> flight, ref T value) =>
        flight.Copier is not { } copier || (flight.Bytes is { } bytes && _values.TryRead(flight.Key.Key, bytes, copier, out value));

    /// <summary>Looks in Redis, and else has the value made, once for all who wait; over all nodes, where there are leases.</summary>
    private async Task FlyAsync<TState, T>(Flight<T> flight, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, EntryPlan plan)
    {
        try
        {
            var handling = _types.Of<T>();
            Lease? lease = null;
            for (var changes = 0; ;)
            {
                ReadOnlyMemory<byte> seen = default;
                if (plan.ReadsDistributed)
                {
                    var read = await _reader.ReadAsync(flight.Key.Key, plan.Tags, handling, flight.Token).ConfigureAwait(false);
                    if (read.IsFound)
                    {
                        Admit(flight.Guard, read, handling, plan);
                        _flights.End(flight);
                        Land(flight, read, handling);
                        return;
                    }

                    seen = read.Seen;
                }

                if (!plan.RunsFactory)
                {
                    LandUnkept(flight, default!);
                    return;
                }

                if (!_usesLeases || !plan.TakesLease)
                {
                    break;
                }

                lease = await _leases.TakeAsync(flight.Key.Key, changes < 2 ? seen : LeaseDesk.SeenAnything, flight.Token).ConfigureAwait(false);
                if (lease.State is not (LeaseState.Busy or LeaseState.Changed))
                {
                    break;
                }

                changes += lease.State == LeaseState.Changed ? 1 : 0;
                await WaitAsync(lease, flight.Token).ConfigureAwait(false);
                _flights.BeginAnew(flight);
            }

            await MakeAsync(flight, state, factory, plan, handling, lease).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _flights.End(flight);
            flight.SetException(exception);
        }
        finally
        {
            _flights.End(flight);
        }
    }

    private async ValueTask MakeAsync<TState, T>(Flight<T> flight, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, EntryPlan plan, TypeHandling<T> handling, Lease? lease)
    {
        SerializedValue<T> value = default;
        Making making = default;
        var isToBeFilled = false;
        try
        {
            // An invalidation until now, such as that of the old entry's end, says nothing of what is made from now on.
            _flights.BeginAnew(flight);
            making = _writer.Begin(flight.Guard, lease, plan);
            var made = await RunAsync(state, factory, flight.Token).ConfigureAwait(false);
            if (made is null && !_cachesNulls)
            {
                LandUnkept(flight, made);
                return;
            }

            value = _writer.Serialize(flight.Key.Key, made, handling, plan);
            isToBeFilled = true;
        }
        finally
        {
            if (!isToBeFilled)
            {
                _writer.Release(lease);
            }
        }

        await LandAsync(flight, making, value, plan).ConfigureAwait(false);
    }

    /// <summary>Ends a flight with what was made, and keeps that: until then others join.</summary>
    private async Task LandAsync<T>(Flight<T> flight, Making making, SerializedValue<T> value, EntryPlan plan)
    {
        if (!plan.Keeps)
        {
            _flights.End(flight);
        }

        // On its way before the callers go on, and not waited for: a slow Redis does not keep them.
        var filling = _writer.FillAsync(making, value, plan);
        Land(flight, value);
        try
        {
            await filling.ConfigureAwait(false);
        }
        finally
        {
            _flights.End(flight);
        }

        value.Dispose();
    }

    private async ValueTask<T> RunAsync<TState, T>(TState state, Func<TState, CancellationToken, ValueTask<T>> factory, CancellationToken token)
    {
        using var activity = _telemetry.StartFactory();
        var began = _telemetry.Begin();
        try
        {
            var value = await factory(state, token).ConfigureAwait(false);
            _telemetry.FactoryEnded(began, succeeded: true);
            return value;
        }
        catch (Exception exception)
        {
            activity.Failed(exception);
            _telemetry.FactoryEnded(began, succeeded: false);
            throw;
        }
    }

    private async ValueTask WaitAsync(Lease lease, CancellationToken token)
    {
        if (lease.State == LeaseState.Busy)
        {
            var began = _telemetry.Begin();
            await _leases.WaitAsync(lease, token).ConfigureAwait(false);
            _telemetry.LeaseWaited(began);
        }
    }

    /// <summary>Ends a flight with what was read from Redis.</summary>
    private static void Land<T>(Flight<T> flight, in DistributedEntry<T> read, TypeHandling<T> handling)
    {
        if (handling.IsShared)
        {
            flight.SetShared(read.Value!);
        }
        else
        {
            flight.SetIsolated(read.Value!, read.Bytes, handling.Serializer);
        }
    }

    /// <summary>Ends a flight with a value that is not kept: who comes from now on does not get it.</summary>
    private void LandUnkept<T>(Flight<T> flight, T value)
    {
        _flights.End(flight);
        flight.SetShared(value);
    }

    private static void Land<T>(Flight<T> flight, in SerializedValue<T> value)
    {
        if (value.Handling.IsShared)
        {
            flight.SetShared(value.Value);
        }
        else
        {
            flight.SetIsolated(value.Value, value.Bytes, value.Handling.Serializer);
        }
    }

    /// <summary>Lets what was read from Redis into the L1, where it is known to be told of changes.</summary>
    private void Admit<T>(ReadGuard guard, in DistributedEntry<T> read, TypeHandling<T> handling, in EntryPlan plan)
    {
        if (plan.WritesLocal && guard.WasArmed && read.Tags.IsKept)
        {
            _local.TryAdmit(guard, _writer.Entry(guard, read, handling, plan));
        }
    }
}
