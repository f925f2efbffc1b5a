using System.Globalization;
using System.Net;
using System.Text;

namespace Prima.Extensions.Caching.Redis.Perf.Reporting;

/// <summary>A picture as SVG: a few named points on the x axis, a line for each series, a logarithmic y axis.</summary>
/// <remarks>Lines differ in their marks and dashes, and have their names at their ends: who sees no colours reads it as well.</remarks>
internal sealed class LineChart(string title, string unit, IReadOnlyList<string> points)
{
    private const int Width = 760;
    private const int Height = 420;
    private const int Left = 80;
    private const int Right = 230;
    private const int Top = 50;
    private const int Bottom = 50;
    private const int LabelHeight = 16;

    private static readonly string[] Colours = ["#0b5394", "#38761d", "#990000", "#333333", "#b45f06", "#674ea7", "#134f5c"];
    private static readonly string[] Dashes = ["none", "8 4", "2 3", "12 3 2 3", "5 2", "1 4", "10 6"];

    private readonly List<(string Name, double?[] Values)> _series = [];

    public void Add(string name, IEnumerable<double?> values) => _series.Add((name, [.. values]));

    public override string ToString()
    {
        var all = _series.SelectMany(static series => series.Values).OfType<double>().Where(static value => value > 0).ToArray();
        var (low, high) = (Math.Log10(all.Min()) - 0.1, Math.Log10(all.Max()) + 0.1);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"13\" role=\"img\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<title>{Text(title)}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"24\" font-size=\"16\">{Text(title)}</text>\n<text x=\"{Left}\" y=\"42\" fill=\"#555555\">{Text(unit)}, logarithmic</text>\n");
        AppendGrid(svg, low, high);
        AppendSeries(svg, value => Top + ((high - Math.Log10(value)) / (high - low) * (Height - Top - Bottom)));
        return svg.Append("</svg>\n").ToString();
    }

    private double X(int point) => Left + ((point + 0.5) * (Width - Left - Right) / points.Count);

    private void AppendGrid(StringBuilder svg, double low, double high)
    {
        for (var power = (int)Math.Floor(low); power <= high; power++)
        {
            foreach (var step in (ReadOnlySpan<int>)[1, 2, 5])
            {
                var value = step * Math.Pow(10, power);
                if (Math.Log10(value) < low || Math.Log10(value) > high)
                {
                    continue;
                }

                var y = Top + ((high - Math.Log10(value)) / (high - low) * (Height - Top - Bottom));
                svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Left} {y:0.#}H{Width - Right}\" stroke=\"#dddddd\"/><text x=\"{Left - 8}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{value:#,0.##}</text>\n");
            }
        }

        for (var point = 0; point < points.Count; point++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(point):0.#}\" y=\"{Height - Bottom + 20}\" text-anchor=\"middle\">{Text(points[point])}</text>\n");
        }
    }

    private void AppendSeries(StringBuilder svg, Func<double, double> y)
    {
        // Names stand beside the last point, moved apart where lines end close to each other.
        var labels = _series.Select((series, i) => (i, Y: y(series.Values.OfType<double>().Last()))).OrderBy(static label => label.Y).ToArray();
        for (var i = 1; i < labels.Length; i++)
        {
            labels[i].Y = Math.Max(labels[i].Y, labels[i - 1].Y + LabelHeight);
        }

        foreach (var (i, labelY) in labels)
        {
            var (name, values) = _series[i];
            var marks = values.Select((value, point) => (value, X: X(point))).Where(static mark => mark.value is > 0).Select(mark => (mark.X, Y: y(mark.value!.Value))).ToArray();
            var colour = Colours[i % Colours.Length];
            var line = string.Join(' ', marks.Select(static mark => string.Create(CultureInfo.InvariantCulture, $"{mark.X:0.#},{mark.Y:0.#}")));
            svg.Append(CultureInfo.InvariantCulture, $"<g stroke=\"{colour}\" fill=\"none\" stroke-width=\"2\"><polyline points=\"{line}\" stroke-dasharray=\"{Dashes[i % Dashes.Length]}\"/>");
            foreach (var mark in marks)
            {
                svg.Append(Mark(i, mark.X, mark.Y));
            }

            svg.Append(Mark(i, Width - Right + 12, labelY));
            svg.Append(CultureInfo.InvariantCulture, $"</g><text x=\"{Width - Right + 22}\" y=\"{labelY + 4:0.#}\" fill=\"{colour}\">{Text(name)}</text>\n");
        }
    }

    private static string Mark(int series, double x, double y)
    {
        FormattableString mark = (series % 7) switch
        {
            0 => $"<circle cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"5\" fill=\"#ffffff\"/>",
            1 => $"<path d=\"M{x - 5:0.#} {y - 5:0.#}h10v10h-10z\" fill=\"#ffffff\"/>",
            2 => $"<path d=\"M{x:0.#} {y - 6:0.#}l6 11h-12z\" fill=\"#ffffff\"/>",
            3 => $"<path d=\"M{x - 5:0.#} {y - 5:0.#}l10 10m0 -10l-10 10\"/>",
            4 => $"<path d=\"M{x:0.#} {y - 6:0.#}l6 6l-6 6l-6 -6z\" fill=\"#ffffff\"/>",
            5 => $"<path d=\"M{x - 6:0.#} {y:0.#}h12m-6 -6v12\"/>",
            _ => $"<path d=\"M{x:0.#} {y + 6:0.#}l6 -11h-12z\" fill=\"#ffffff\"/>",
        };
        return mark.ToString(CultureInfo.InvariantCulture);
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
