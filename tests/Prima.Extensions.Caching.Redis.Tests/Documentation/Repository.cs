using System.Reflection;
using System.Text.RegularExpressions;

namespace Prima.Extensions.Caching.Redis.Tests.Documentation;

/// <summary>The documents of this repository, and what is in them.</summary>
internal static partial class Repository
{
    private const string Library = "src/Prima.Extensions.Caching.Redis";

    public static string Root { get; } = FindRoot();

    /// <summary>README.md, CHANGELOG.md and docs/**, as paths from the root.</summary>
    public static IEnumerable<string> Documents =>
    [
        "README.md",
        "CHANGELOG.md",
        .. Directory.EnumerateFiles(PathOf("docs"), "*.md", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Root, file)).Order(StringComparer.Ordinal),
    ];

    public static string PathOf(string file) => Path.Combine(Root, file);

    public static string Read(string file) => File.ReadAllText(PathOf(file)).ReplaceLineEndings("\n");

    /// <summary>The fenced blocks of C# in a document.</summary>
    public static IEnumerable<string> CSharpBlocks(string document) =>
        CSharpFence().Matches(Read(document)).Select(match => Dedent(match.Groups[1].Value));

    /// <summary>What stands between <c>// &lt;name&gt;</c> and <c>// &lt;/name&gt;</c> in the *Examples.cs of this folder.</summary>
    public static IEnumerable<string> Snippets() =>
        Directory.EnumerateFiles(PathOf("tests/Prima.Extensions.Caching.Redis.Tests/Documentation"), "*Examples.cs")
            .SelectMany(file => Snippet().Matches(Read(file)))
            .Select(match => Dedent(match.Groups[2].Value));

    /// <summary>The targets of links to files, without their anchors.</summary>
    public static IEnumerable<string> RelativeLinks(string document) =>
        Link().Matches(CodeFence().Replace(Read(document), ""))
            .Select(match => match.Groups[1].Value.Split('#')[0])
            .Where(target => target.Length > 0 && !target.Contains("://", StringComparison.Ordinal));

    /// <summary>The names of test classes that a document calls to witness.</summary>
    public static IEnumerable<string> NamedTests(string document) => TestName().Matches(Read(document)).Select(match => match.Groups[1].Value).Distinct();

    public static IEnumerable<string> FilesUnder(string folder, string pattern) => Directory.EnumerateFiles(PathOf(folder), pattern, SearchOption.AllDirectories);

    private static string FindRoot()
    {
        var source = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "LibrarySource").Value!;
        return Path.GetFullPath(string.Concat(Library.Split('/').Select(static _ => "../")), source);
    }

    private static string Dedent(string text)
    {
        var lines = text.Split('\n').Select(line => line.TrimEnd()).ToList();
        var indentation = lines.Where(line => line.Length > 0).Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty().Min();
        return string.Join('\n', lines.Select(line => line.Length == 0 ? line : line[indentation..])).Trim('\n');
    }

    [GeneratedRegex(@"^```csharp\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CSharpFence();

    [GeneratedRegex("^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CodeFence();

    [GeneratedRegex(@"^\s*// <(\w+)>\n(.*?)^\s*// </\1>", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Snippet();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`(\w+Tests)`")]
    private static partial Regex TestName();
}
