using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Diagnostics;

/// <summary>A row of a table of instruments in docs/observability.md.</summary>
internal sealed partial record DocumentedInstrument(string Name, string Kind, string Unit, IReadOnlyList<string> Tags, string PrometheusName)
{
    private const string HybridHeading = "\n### The hybrid cache\n";

    private static readonly string[] Parts = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "observability.md")).ReplaceLineEndings("\n").Split(HybridHeading);

    /// <summary>Those of every cache.</summary>
    public static IReadOnlyList<DocumentedInstrument> OfCache { get; } = RowsOf(Parts[0]);

    /// <summary>Those that a hybrid cache has besides.</summary>
    public static IReadOnlyList<DocumentedInstrument> OfHybridCache { get; } = RowsOf(Parts[1]);

    /// <summary>What a table must say of an instrument.</summary>
    public static (string Name, string Kind, string Unit) Describe(Instrument instrument) => (instrument.Name, KindOf(instrument), instrument.Unit!);

    private static List<DocumentedInstrument> RowsOf(string text) =>
        [.. Row().Matches(text).Select(static row => new DocumentedInstrument(
            row.Groups["name"].Value,
            row.Groups["kind"].Value,
            row.Groups["unit"].Value,
            [.. row.Groups["tags"].Value.Split(", ").Select(static tag => tag.Trim('`')).Order(StringComparer.Ordinal)],
            row.Groups["prometheus"].Value))];

    private static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        nameof(Counter<>) or nameof(ObservableCounter<>) => "counter",
        nameof(ObservableUpDownCounter<>) => "up-down counter",
        nameof(ObservableGauge<>) => "gauge",
        nameof(Histogram<>) => "histogram",
        var other => other,
    };

    [GeneratedRegex(@"^\| `(?<name>prima\.[\w.]+)` \| (?<kind>[a-z -]+) \| `(?<unit>[^`]+)` \| (?<tags>[^|]+) \| `(?<prometheus>\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
