namespace Clinic.Patients;

/// <summary>A made-up patient.</summary>
/// <param name="Id">1 and up.</param>
/// <param name="Name">Obviously not a person's.</param>
/// <param name="Ward">One of <see cref="SyntheticPatients.Wards"/>.</param>
/// <param name="Born">The date of birth.</param>
/// <param name="BloodGroup">One of <see cref="SyntheticPatients.BloodGroups"/>.</param>
/// <param name="Allergy">Empty when there is none.</param>
/// <param name="Note">Free text.</param>
/// <param name="Version">1, and one more with each update: shows at a glance whether a record is old.</param>
internal sealed record Patient(int Id, string Name, string Ward, DateOnly Born, string BloodGroup, string Allergy, string Note, int Version);
