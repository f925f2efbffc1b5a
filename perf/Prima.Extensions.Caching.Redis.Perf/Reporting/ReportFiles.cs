using Prima.Extensions.Caching.Redis.Perf.Results;

namespace Prima.Extensions.Caching.Redis.Perf.Reporting;

/// <summary>The files that are written from the results: the report, its pictures, and the README's table.</summary>
internal static class ReportFiles
{
    private const string Begin = "<!-- performance: written by the perf suite -->\n";
    private const string End = "<!-- /performance -->";

    /// <summary>Every file by its path, as it must be.</summary>
    public static IReadOnlyDictionary<string, string> Contents()
    {
        var read = new Dictionary<string, SectionResult?>();
        SectionResult? Result(string section) => read.TryGetValue(section, out var known) ? known : read[section] = ResultStore.Read(section);
        var files = Charts.Of(Result).ToDictionary(static chart => Path.Combine(ResultStore.Folder, chart.File), static chart => chart.Svg);
        files[Path.Combine(ResultStore.Folder, "README.md")] = Report.Write(Result);
        var readme = Path.Combine(ResultStore.Root, "README.md");
        files[readme] = WithTable(File.ReadAllText(readme).ReplaceLineEndings("\n"), Report.Goals(Result));
        return files;
    }

    public static void Write()
    {
        foreach (var (file, content) in Contents())
        {
            File.WriteAllText(file, content);
        }
    }

    private static string WithTable(string document, string table)
    {
        var begin = document.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = document.IndexOf(End, begin, StringComparison.Ordinal);
        return $"{document[..begin]}\n{table}\n{document[end..]}";
    }
}
