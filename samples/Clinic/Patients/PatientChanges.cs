using System.Text.Json.Serialization;

namespace Clinic.Patients;

/// <summary>The body of an update: the fields to change, the others left out.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PatientChanges(string? Name, string? Ward, DateOnly? Born, string? BloodGroup, string? Allergy, string? Note)
{
    public Patient ApplyTo(Patient patient) => patient with
    {
        Name = Name ?? patient.Name,
        Ward = Ward ?? patient.Ward,
        Born = Born ?? patient.Born,
        BloodGroup = BloodGroup ?? patient.BloodGroup,
        Allergy = Allergy ?? patient.Allergy,
        Note = Note ?? patient.Note,
        Version = patient.Version + 1,
    };
}
