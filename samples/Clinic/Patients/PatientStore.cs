using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Clinic.Patients;

/// <summary>The place where patients really are: slow, as a database far away. It forgets its changes when the process ends.</summary>
internal sealed class PatientStore(IOptions<StoreDelayOptions> delay, TimeProvider time)
{
    private readonly TimeSpan _readDelay = delay.Value.Read;
    private readonly TimeSpan _updateDelay = delay.Value.Update;
    private readonly ConcurrentDictionary<int, Patient> _patients = new(SyntheticPatients.Make().ToDictionary(patient => patient.Id));

    public async Task<Patient?> FindAsync(int id, CancellationToken cancellationToken)
    {
        // Read first, hand over later: somebody can update the patient in between, which is what a cache must cope with.
        Patient? patient = _patients.GetValueOrDefault(id);
        await Task.Delay(_readDelay, time, cancellationToken);
        return patient;
    }

    /// <summary>The changed patient, or <see langword="null"/> when there is none with this id.</summary>
    public async Task<Patient?> UpdateAsync(int id, PatientChanges changes, CancellationToken cancellationToken)
    {
        await Task.Delay(_updateDelay, time, cancellationToken);
        while (_patients.TryGetValue(id, out Patient? old))
        {
            Patient changed = changes.ApplyTo(old);
            if (_patients.TryUpdate(id, changed, old))
            {
                return changed;
            }
        }

        return null;
    }

    public async Task<bool> RemoveAsync(int id, CancellationToken cancellationToken)
    {
        await Task.Delay(_updateDelay, time, cancellationToken);
        return _patients.TryRemove(id, out _);
    }

    /// <summary>The ids of a ward's patients, in order. Fast, as an index is.</summary>
    public IReadOnlyList<int> FindIdsOfWard(string ward) =>
        [.. _patients.Values.Where(patient => patient.Ward == ward).Select(patient => patient.Id).Order()];
}
