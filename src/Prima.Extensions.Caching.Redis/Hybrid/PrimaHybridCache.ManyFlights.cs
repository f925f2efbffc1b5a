using Prima.Extensions.Caching.Redis.Connections;
using Prima.Extensions.Caching.Redis.Hybrid;
using Prima.Extensions.Caching.Redis.Hybrid.Flights;
using Prima.Extensions.Caching.Redis.Hybrid.Leases;
using Prima.Extensions.Caching.Redis.Hybrid.Local;
using Prima.Extensions.Caching.Redis.Hybrid.Many;

namespace Prima.Extensions.Caching.Redis;

public sealed partial class PrimaHybridCache
{
    /// <summary>Waits for <paramref name="work"/> until it ends or the caller does not wait any more; then it goes on until it sees that, and its outcome is nobody's.</summary>
    private static async ValueTask EndOrCancelAsync(Task work, CancellationToken token)
    {
        if (token.CanBeCanceled)
        {
            work.Ignore();
        }

        await work.WaitAsync(token).ConfigureAwait(false);
    }

    /// <summary>Adds those of <paramref name="missing"/> that Redis has to <paramref name="found"/>.</summary>
    private async Task ReadMissingAsync<T>(HashSet<string> missing, EntryPlan plan, Dictionary<string, T> found, CancellationToken token)
    {
        var guards = missing.Where(key => IsUsable(key, plan)).Select(_local.Begin).ToList();
        try
        {
            await ReadManyAsync(guards, plan, flights: null, found, token).ConfigureAwait(false);
        }
        finally
        {
            guards.ForEach(_local.End);
        }
    }

    /// <summary>Looks in Redis for <paramref name="missing"/>, has the rest made by one call of the factory, and adds all to <paramref name="found"/>.</summary>
    private async Task FlyManyAsync<TState, T>(
        HashSet<string> missing, TState state, Func<IReadOnlyList<string>, TState, CancellationToken, ValueTask<IReadOnlyDictionary<string, T>>> factory, EntryPlan plan, Dictionary<string, T> found, CancellationToken token)
    {
        var unusable = missing.Where(key => !IsUsable(key, plan)).ToList();
        missing.ExceptWith(unusable);
        var flights = new BatchFlights<T>(_flights, plan.Flags);
        List<Claim<T>> claims = [];
        try
        {
            for (var rounds = 0; missing.Count + unusable.Count > 0; rounds++)
            {
                token.ThrowIfCancellationRequested();
                var own = flights.Board(missing);
                await ReadManyAsync(own.ConvertAll(static flight => flight.Guard), plan, flights, found, token).ConfigureAwait(false);
                missing.ExceptWith(found.Keys);
                own.RemoveAll(flight => found.ContainsKey(flight.Key.Key));
                claims = await ClaimAsync(own, plan, rounds, token).ConfigureAwait(false);
                List<Claim<T>> mine = [.. claims.Where(static claim => claim.IsMine), .. unusable.Select(static key => new Claim<T>(key, Flight: null, Lease: null))];
                unusable.Clear();
                if (mine.Count > 0)
                {
                    await MakeManyAsync(mine, state, factory, plan, flights, found, token).ConfigureAwait(false);
                    missing.ExceptWith(mine.Select(static claim => claim.Key));
                }

                // What others make is there when they are done, or they were not.
                var others = claims.FindAll(static claim => !claim.IsMine);
                await Task.WhenAll(others.ConvertAll(claim => WaitAsync(claim.Lease!, token).AsTask())).ConfigureAwait(false);
                if (others.Count == 0)
                {
                    await JoinManyAsync(flights, missing, unusable, found, token).ConfigureAwait(false);
                }
            }

            flights.EndAll(fault: null);
        }
        catch (Exception fault)
        {
            claims.ForEach(claim => _leases.Leave(claim.Lease));
            flights.EndAll(fault is OperationCanceledException && token.IsCancellationRequested ? null : fault);
            throw;
        }
    }

    /// <summary>Reads what the <paramref name="guards"/> were taken for from Redis, and adds what is there to <paramref name="found"/>.</summary>
    private async ValueTask ReadManyAsync<T>(List<ReadGuard> guards, EntryPlan plan, BatchFlights<T>? flights, Dictionary<string, T> found, CancellationToken token)
    {
        if (!plan.ReadsDistributed || guards.Count == 0)
        {
            return;
        }

        var handling = _types.Of<T>();
        using var activity = _telemetry.StartRead();
        var prefetch = _tags.Prefetch(plan.Tags);
        using var values = await _redis.GetManyAsync(guards.ConvertAll(static guard => guard.Key), _reader.LongestPayload, token).ConfigureAwait(false);
        prefetch = _reader.Prefetch(guards, values, prefetch);
        for (var i = 0; i < guards.Count; i++)
        {
            if (values[i] != BatchOutcome.Hit)
            {
                _telemetry.DistributedRead(values[i] == BatchOutcome.Miss ? "miss" : "failed");
                continue;
            }

            var key = guards[i].Key;
            var read = await _reader.UseAsync(key, values.Values[i], prefetch, handling, token).ConfigureAwait(false);
            if (!read.IsFound)
            {
                continue;
            }

            found[key] = read.Value!;
            Admit(guards[i], read, handling, plan);
            if (flights?.Own(key) is { } flight)
            {
                flights.End(flight);
                Land(flight, read, handling);
            }
        }

        token.ThrowIfCancellationRequested();
    }

    private async ValueTask<List<Claim<T>>> ClaimAsync<T>(List<Flight<T>> flights, EntryPlan plan, int rounds, CancellationToken token)
    {
        if (!_usesLeases || !plan.TakesLease)
        {
            return flights.ConvertAll(static flight => new Claim<T>(flight.Key.Key, flight, Lease: null));
        }

        // What was read was unfit or not there; in a batch it is not told which.
        var seen = rounds == 0 ? default : LeaseDesk.SeenAnything;
        var takings = flights.ConvertAll(flight => _leases.TakeAsync(flight.Key.Key, seen, token).AsTask());
        try
        {
            await Task.WhenAll(takings).ConfigureAwait(false);
        }
        catch
        {
            foreach (var taking in takings.Where(static taking => taking.IsCompletedSuccessfully))
            {
                _leases.Leave(taking.Result);
                _writer.Release(taking.Result);
            }

            throw;
        }

        return flights.Zip(takings, static (flight, taking) => new Claim<T>(flight.Key.Key, flight, taking.Result)).ToList();
    }

    private async ValueTask MakeManyAsync<TState, T>(
        List<Claim<T>> claims,
        TState state,
        Func<IReadOnlyList<string>, TState, CancellationToken, ValueTask<IReadOnlyDictionary<string, T>>> factory,
        EntryPlan plan,
        BatchFlights<T> flights,
        Dictionary<string, T> found,
        CancellationToken token)
    {
        try
        {
            var makings = claims.ConvertAll(claim => Begin(claim, plan));
            var keys = claims.ConvertAll(static claim => claim.Key);
            var made = await RunAsync((keys, state, factory), static (all, token) => all.factory(all.keys, all.state, token), token).ConfigureAwait(false)
                ?? throw new InvalidOperationException($"The factory of {nameof(GetOrCreateManyAsync)} returned null. For keys that it has no value for it leaves them out of what it returns.");
            var handling = _types.Of<T>();
            for (var i = 0; i < claims.Count; i++)
            {
                var (key, flight, _) = claims[i];
                var isMade = made.TryGetValue(key, out var value);
                if (isMade)
                {
                    found[key] = value!;
                }

                if (flight is null)
                {
                    continue;
                }

                if (!isMade)
                {
                    flights.Abandon(flight);
                }
                else if (value is null && !_cachesNulls)
                {
                    flights.End(flight);
                    flight.SetShared(value!);
                }
                else
                {
                    var serialized = _writer.Serialize(key, value!, handling, plan);
                    flights.HandOver(flight);
                    claims[i] = claims[i] with { Lease = null };
                    LandAsync(flight, makings[i], serialized, plan).Ignore();
                }
            }
        }
        finally
        {
            claims.ForEach(claim => _writer.Release(claim.Lease));
        }
    }

    private Making Begin<T>(Claim<T> claim, EntryPlan plan)
    {
        if (claim.Flight is not { } flight)
        {
            return default;
        }

        _flights.BeginAnew(flight);
        return _writer.Begin(flight.Guard, claim.Lease, plan);
    }

    /// <summary>Moves what other calls on this node made from <paramref name="missing"/> to <paramref name="found"/>, or, where there can be no copy of it, to <paramref name="unusable"/>.</summary>
    private async ValueTask JoinManyAsync<T>(BatchFlights<T> flights, HashSet<string> missing, List<string> unusable, Dictionary<string, T> found, CancellationToken token)
    {
        while (flights.TryTakeJoined(out var flight))
        {
            _telemetry.Joined();
            var value = await flight.WaitAsync(token).ConfigureAwait(false);
            if (flight.IsAbandoned)
            {
                continue;
            }

            var key = flight.Key.Key;
            missing.Remove(key);
            if (TryCopy(flight, ref value))
            {
                found[key] = value;
            }
            else
            {
                unusable.Add(key);
            }
        }
    }
}
