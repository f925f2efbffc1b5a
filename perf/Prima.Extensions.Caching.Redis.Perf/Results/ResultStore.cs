using System.Reflection;
using System.Text.Json;

namespace Prima.Extensions.Caching.Redis.Perf.Results;

/// <summary>The files of the latest full run: perf/results/, one for each section.</summary>
internal static class ResultStore
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = false };

    /// <summary>The repository.</summary>
    public static string Root { get; } =
        typeof(ResultStore).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static metadata => metadata.Key == "RepositoryRoot").Value!;

    public static string Folder { get; } = Path.Combine(Root, "perf", "results");

    public static void Write(string section, SectionResult result)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(FileOf(section), JsonSerializer.Serialize(result, Json).Replace("],\"", "],\n\"", StringComparison.Ordinal) + "\n");
    }

    public static SectionResult? Read(string section) =>
        File.Exists(FileOf(section)) ? JsonSerializer.Deserialize<SectionResult>(File.ReadAllText(FileOf(section)), Json) : null;

    private static string FileOf(string section) => Path.Combine(Folder, $"{section.Replace(' ', '-')}.json");
}
