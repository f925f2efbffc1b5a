using System.Text.RegularExpressions;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Diagnostics;

/// <summary>A row of the table of instruments in docs/observability.md.</summary>
internal sealed partial record DocumentedInstrument(string Name, string Kind, string Unit, IReadOnlyList<string> Tags, string PrometheusName)
{
    public static IReadOnlyList<DocumentedInstrument> All { get; } =
        [.. Row().Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "observability.md"))).Select(static row => new DocumentedInstrument(
            row.Groups["name"].Value,
            row.Groups["kind"].Value,
            row.Groups["unit"].Value,
            [.. row.Groups["tags"].Value.Split(", ").Select(static tag => tag.Trim('`')).Order(StringComparer.Ordinal)],
            row.Groups["prometheus"].Value))];

    [GeneratedRegex(@"^\| `(?<name>prima\.[\w.]+)` \| (?<kind>[a-z -]+) \| `(?<unit>[^`]+)` \| (?<tags>[^|]+) \| `(?<prometheus>\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
