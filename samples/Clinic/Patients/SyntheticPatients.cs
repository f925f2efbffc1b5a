namespace Clinic.Patients;

/// <summary>Makes the patients: always the same ones, and nobody could take them for real.</summary>
internal static class SyntheticPatients
{
    private const int Count = 120;
    private const int Seed = 20260101;

    private static readonly DateOnly s_firstBirth = new(1930, 1, 1);
    private static readonly string[] s_givenNames = ["Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett", "Kilo", "Lima"];
    private static readonly string[] s_familyNames = ["Dummy", "Example", "Fixture", "Lorem", "Mockup", "Placeholder", "Sample", "Specimen", "Stub", "Testcase"];
    private static readonly string[] s_allergies = ["", "", "", "Mondays", "Merge conflicts", "Semicolons", "Trailing spaces"];
    private static readonly string[] s_notes = ["Made up: sleeps well", "Made up: asks for tea", "Made up: reads the manual", "Made up: waits for a build", "Made up: hums in binary"];

    public static IReadOnlyList<string> Wards { get; } = ["birch", "cedar", "elm", "maple", "oak", "willow"];

    public static IReadOnlyList<string> BloodGroups { get; } = ["0-", "0+", "A-", "A+", "AB-", "AB+", "B-", "B+"];

    public static IEnumerable<Patient> Make()
    {
        // The sequence of a seeded Random is the same on every machine.
        var random = new Random(Seed);
        for (int id = 1; id <= Count; id++)
        {
            yield return new Patient(
                id,
                $"{Pick(random, s_givenNames)} {Pick(random, s_familyNames)}",
                Wards[(id - 1) % Wards.Count],
                s_firstBirth.AddDays(random.Next(90 * 365)),
                Pick(random, BloodGroups),
                Pick(random, s_allergies),
                Pick(random, s_notes),
                Version: 1);
        }
    }

    private static string Pick(Random random, IReadOnlyList<string> choices) => choices[random.Next(choices.Count)];
}
