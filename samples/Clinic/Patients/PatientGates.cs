namespace Clinic.Patients;

/// <summary>Lets one at a time fill or change the entry of a patient.</summary>
/// <remarks>Gates are shared by ids that differ by a multiple of their number, so that their number is bounded.</remarks>
internal sealed class PatientGates
{
    private const int Count = 1024;

    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, Count).Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>Enters a patient's gate; disposing the pass leaves it.</summary>
    public async ValueTask<Pass> EnterAsync(int id, CancellationToken cancellationToken)
    {
        SemaphoreSlim gate = _gates[id % Count];
        bool waited = !gate.Wait(0, CancellationToken.None);
        if (waited)
        {
            await gate.WaitAsync(cancellationToken);
        }

        return new Pass(gate, waited);
    }

    /// <summary>The right to fill or change an entry.</summary>
    /// <param name="gate">The gate to leave.</param>
    /// <param name="waited">Whether somebody else was inside.</param>
    public readonly struct Pass(SemaphoreSlim gate, bool waited) : IDisposable
    {
        public bool Waited { get; } = waited;

        public void Dispose() => gate.Release();
    }
}
