using Clinic.Statistics;

namespace Clinic.Patients;

/// <summary>What reading many answers.</summary>
/// <param name="ElapsedMilliseconds">How long all of them took together.</param>
/// <param name="Hits">How many came from the cache.</param>
/// <param name="Misses">How many came from the store.</param>
/// <param name="Unknown">The ids that nobody has.</param>
/// <param name="Patients">The patients, in the order asked.</param>
internal sealed record PatientsAnswer(double ElapsedMilliseconds, int Hits, int Misses, IReadOnlyList<int> Unknown, IReadOnlyList<PatientRead> Patients)
{
    public static PatientsAnswer Of(IReadOnlyList<int> ids, IReadOnlyList<PatientRead?> reads, TimeSpan elapsed)
    {
        PatientRead[] found = [.. reads.OfType<PatientRead>()];
        int hits = found.Count(read => read.Source == ReadSource.Cache);
        int[] unknown = [.. ids.Where((_, index) => reads[index] is null)];
        return new PatientsAnswer(elapsed.TotalMilliseconds, hits, found.Length - hits, unknown, found);
    }
}
