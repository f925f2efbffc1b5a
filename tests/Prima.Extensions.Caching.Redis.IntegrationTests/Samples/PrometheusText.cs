using System.Globalization;
using System.Text.RegularExpressions;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Samples;

/// <summary>The text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/).</summary>
internal static partial class PrometheusText
{
    /// <summary>The samples of what <c>/metrics</c> answered.</summary>
    public static IReadOnlyList<Sample> Parse(string text) =>
        [.. SampleLine().Matches(text).Select(line => new Sample(
            line.Groups["name"].Value,
            Label().Matches(line.Groups["labels"].Value).ToDictionary(label => label.Groups[1].Value, label => label.Groups[2].Value),
            double.Parse(line.Groups["value"].Value, CultureInfo.InvariantCulture)))];

    [GeneratedRegex(@"^(?<name>\w+)(\{(?<labels>[^}]*)\})? (?<value>\S+)", RegexOptions.Multiline)]
    private static partial Regex SampleLine();

    [GeneratedRegex(@"(\w+)=""([^""]*)""")]
    private static partial Regex Label();

    /// <summary>One line.</summary>
    internal sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);
}
