using Clinic.Statistics;

namespace Clinic.Patients;

/// <summary>A patient, where it came from, and how long that took.</summary>
internal sealed record PatientRead(ReadSource Source, double ElapsedMilliseconds, Patient Patient);
