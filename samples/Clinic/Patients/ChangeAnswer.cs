namespace Clinic.Patients;

/// <summary>What removing a patient, or dropping its entry, answers.</summary>
internal sealed record ChangeAnswer(double ElapsedMilliseconds);
