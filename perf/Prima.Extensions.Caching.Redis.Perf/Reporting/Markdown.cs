using System.Globalization;

namespace Prima.Extensions.Caching.Redis.Perf.Reporting;

internal static class Markdown
{
    public static string Table(IEnumerable<string> header, IEnumerable<IEnumerable<string>> rows)
    {
        var cells = header.ToArray();
        return string.Concat(new[] { cells, [.. cells.Select(static _ => "---")] }.Concat(rows.Select(static row => row.ToArray()))
            .Select(static row => $"| {string.Join(" | ", row)} |\n"));
    }

    /// <summary>Thousands apart, and no more digits than mean something.</summary>
    public static string Number(double value) => value >= 100
        ? Math.Round(value).ToString("N0", CultureInfo.InvariantCulture)
        : value.ToString(value >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
