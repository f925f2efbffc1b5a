using System.Text.Json;
using Clinic.Statistics;
using Microsoft.Extensions.Caching.Distributed;
using Prima.Extensions.Caching.Redis;

namespace Clinic.Patients;

/// <summary>Patients, read through the cache.</summary>
/// <remarks>
/// How old data is kept from coming back:
/// <list type="number">
/// <item>Who fills or changes an entry holds the patient's gate, so that a reader cannot put back what it read before an update.</item>
/// <item>A change removes the entry first, then changes the store: should this process end in between, the cache has nothing instead of old data.</item>
/// <item>Once the store has changed, the entry follows, even when the caller has gone away.</item>
/// </list>
/// The gates are of this process. Among several, a reader of another one can still put back what it read just before; the entry's expiration bounds that.
/// </remarks>
internal sealed class PatientCache(IDistributedCache cache, IBatchCache batches, PatientStore store, ReadStatistics statistics, TimeProvider time)
{
    private static readonly DistributedCacheEntryOptions s_entryOptions = new()
    {
        AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(10),
        SlidingExpiration = TimeSpan.FromMinutes(2),
    };

    // A record without one of its fields is not a patient.
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    private readonly PatientGates _gates = new();

    /// <summary>The patient, or <see langword="null"/> when there is none with this id.</summary>
    public async Task<PatientRead?> ReadAsync(int id, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        return await GetEntryAsync(id, cancellationToken) is { } patient
            ? Recorded(ReadSource.Cache, patient, start)
            : await ReadThroughAsync(id, start, cancellationToken);
    }

    /// <summary>The patients in the order of their ids; <see langword="null"/> where there is none.</summary>
    /// <remarks>All entries are asked for in one round trip; only those that are not there cost a read of the store.</remarks>
    public async Task<IReadOnlyList<PatientRead?>> ReadManyAsync(IReadOnlyList<int> ids, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        BatchResult<byte[]> entries = await batches.GetManyArraysAsync(ids.Select(Key), cancellationToken);
        return await Task.WhenAll(ids.Select(async (id, index) => Parse(entries.Values[index]) is { } patient
            ? Recorded(ReadSource.Cache, patient, start)
            : await ReadThroughAsync(id, start, cancellationToken)));
    }

    /// <summary>The changed patient, or <see langword="null"/> when there is none with this id.</summary>
    public async Task<PatientRead?> UpdateAsync(int id, PatientChanges changes, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        using PatientGates.Pass pass = await _gates.EnterAsync(id, cancellationToken);
        await cache.RemoveAsync(Key(id), cancellationToken);
        Patient? patient = await store.UpdateAsync(id, changes, cancellationToken);
        if (patient is null)
        {
            return null;
        }

        await SetEntryAsync(patient, CancellationToken.None);
        return new PatientRead(ReadSource.Store, time.GetElapsedTime(start).TotalMilliseconds, patient);
    }

    /// <summary>Removes the patient. <see langword="false"/> when there is none with this id.</summary>
    public async Task<bool> RemoveAsync(int id, CancellationToken cancellationToken)
    {
        using PatientGates.Pass pass = await _gates.EnterAsync(id, cancellationToken);
        await cache.RemoveAsync(Key(id), cancellationToken);
        bool removed = await store.RemoveAsync(id, cancellationToken);
        // Again: another process may have read the patient before it went.
        await cache.RemoveAsync(Key(id), CancellationToken.None);
        return removed;
    }

    /// <summary>Removes the entry and leaves the patient alone.</summary>
    public Task DropAsync(int id, CancellationToken cancellationToken) => cache.RemoveAsync(Key(id), cancellationToken);

    private static string Key(int id) => $"patient:{id}";

    private static Patient? Parse(byte[]? entry)
    {
        try
        {
            return entry is null ? null : JsonSerializer.Deserialize<Patient>(entry, s_json);
        }
        catch (JsonException)
        {
            // Written by an older version of this sample: a miss, and written over by the fill.
            return null;
        }
    }

    private PatientRead Recorded(ReadSource source, Patient patient, long start)
    {
        TimeSpan elapsed = time.GetElapsedTime(start);
        statistics.Record(source, elapsed);
        return new PatientRead(source, elapsed.TotalMilliseconds, patient);
    }

    private async Task<PatientRead?> ReadThroughAsync(int id, long start, CancellationToken cancellationToken)
    {
        (ReadSource source, Patient? patient) = await FillAsync(id, cancellationToken);
        if (patient is not null)
        {
            return Recorded(source, patient, start);
        }

        statistics.Record(source, time.GetElapsedTime(start));
        return null;
    }

    private async Task<(ReadSource Source, Patient? Patient)> FillAsync(int id, CancellationToken cancellationToken)
    {
        using PatientGates.Pass pass = await _gates.EnterAsync(id, cancellationToken);
        // Whoever was inside has most likely filled the entry: many readers of one patient ask the store once.
        if (pass.Waited && await GetEntryAsync(id, cancellationToken) is { } filled)
        {
            return (ReadSource.Cache, filled);
        }

        Patient? patient = await store.FindAsync(id, cancellationToken);
        if (patient is not null)
        {
            await SetEntryAsync(patient, cancellationToken);
        }

        return (ReadSource.Store, patient);
    }

    private async Task<Patient?> GetEntryAsync(int id, CancellationToken cancellationToken) => Parse(await cache.GetAsync(Key(id), cancellationToken));

    private Task SetEntryAsync(Patient patient, CancellationToken cancellationToken) =>
        cache.SetAsync(Key(patient.Id), JsonSerializer.SerializeToUtf8Bytes(patient, s_json), s_entryOptions, cancellationToken);
}
