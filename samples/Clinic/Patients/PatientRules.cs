using System.Globalization;

namespace Clinic.Patients;

/// <summary>What a request may say.</summary>
internal static class PatientRules
{
    public const int MaximumId = 1_000_000;
    public const int MaximumIds = 100;
    public const int MaximumBodyBytes = 16 * 1024;

    private const int MaximumName = 80;
    private const int MaximumAllergy = 80;
    private const int MaximumNote = 500;

    private static readonly DateOnly s_firstBirth = new(1900, 1, 1);

    public static bool TryReadId(string text, out int id) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id is >= 1 and <= MaximumId;

    /// <summary>The ids of a comma-separated list, each once; <see langword="null"/> when one is wrong, or there are none or too many.</summary>
    public static IReadOnlyList<int>? ReadIds(string text)
    {
        var ids = new HashSet<int>();
        foreach (Range part in text.AsSpan().Split(','))
        {
            if (!TryReadId(text[part].Trim(), out int id) || (ids.Add(id) && ids.Count > MaximumIds))
            {
                return null;
            }
        }

        return [.. ids];
    }

    /// <summary>What is wrong, by field; empty when nothing is.</summary>
    public static Dictionary<string, string[]> FindFaults(PatientChanges changes, DateOnly today)
    {
        var faults = new Dictionary<string, string[]>();
        if (changes == new PatientChanges(null, null, null, null, null, null))
        {
            Check(false, "", "Say at least one field to change.");
        }

        Check(IsText(changes.Name, MaximumName) && (changes.Name is null || !string.IsNullOrWhiteSpace(changes.Name)), "name", $"1 to {MaximumName} characters, not only spaces, no control characters.");
        Check(changes.Ward is null || SyntheticPatients.Wards.Contains(changes.Ward), "ward", $"One of {string.Join(", ", SyntheticPatients.Wards)}.");
        Check(changes.Born is null || (changes.Born >= s_firstBirth && changes.Born <= today), "born", $"From {s_firstBirth:yyyy-MM-dd} to today.");
        Check(changes.BloodGroup is null || SyntheticPatients.BloodGroups.Contains(changes.BloodGroup), "bloodGroup", $"One of {string.Join(", ", SyntheticPatients.BloodGroups)}.");
        Check(IsText(changes.Allergy, MaximumAllergy), "allergy", $"At most {MaximumAllergy} characters, no control characters.");
        Check(IsText(changes.Note, MaximumNote), "note", $"At most {MaximumNote} characters, no control characters.");
        return faults;

        void Check(bool isGood, string field, string rule)
        {
            if (!isGood)
            {
                faults[field] = [rule];
            }
        }
    }

    private static bool IsText(string? text, int maximum) => text is null || (text.Length <= maximum && !text.Any(char.IsControl));
}
