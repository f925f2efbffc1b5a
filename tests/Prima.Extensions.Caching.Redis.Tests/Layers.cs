using System.Text.RegularExpressions;

namespace Prima.Extensions.Caching.Redis.Tests;

/// <summary>The table of layers: which folder of the library may import which. The root, "", is the public API, open to all.</summary>
internal static partial class Layers
{
    private static readonly Dictionary<string, string[]> Imports = new()
    {
        [""] = [],
        ["DependencyInjection"] = ["Hybrid", "Warming", "Distributed", "Operations", "Connections", "Entries", "Diagnostics"],
        ["Hybrid"] = ["Distributed", "Operations", "Connections", "Diagnostics"],
        ["Warming"] = ["Hybrid", "Distributed", "Diagnostics"],
        ["Distributed"] = ["Operations", "Entries", "Diagnostics"],
        ["Operations"] = ["Connections", "Diagnostics"],
        ["Connections"] = ["Diagnostics"],
        ["Entries"] = [],
        ["Diagnostics"] = [],
    };

    public static bool IsKnown(string folder) => Imports.ContainsKey(folder);

    public static IEnumerable<string> ForbiddenImports(string folder, string text) =>
        Mention().Matches(text)
            .Select(match => match.Groups[1].Value)
            .Where(name => name != folder && IsKnown(name) && !Imports[folder].Contains(name));

    // Directives and fully qualified names alike.
    [GeneratedRegex(@"\bPrima\.Extensions\.Caching\.Redis\.(\w+)")]
    private static partial Regex Mention();
}
