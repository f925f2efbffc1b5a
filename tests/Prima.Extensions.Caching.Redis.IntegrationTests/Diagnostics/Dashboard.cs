using System.Text.Json;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Diagnostics;

/// <summary>docs/dashboards/prima-redis-cache.json.</summary>
internal static class Dashboard
{
    public static JsonElement Root { get; } =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "prima-redis-cache.json"))).RootElement;

    /// <summary>What it asks Prometheus, for its panels and for its variables.</summary>
    public static IReadOnlyList<string> Queries { get; } =
    [
        .. from panel in Root.GetProperty("panels").EnumerateArray()
           where panel.TryGetProperty("targets", out _)
           from target in panel.GetProperty("targets").EnumerateArray()
           select target.GetProperty("expr").GetString()!,
        .. from variable in Root.GetProperty("templating").GetProperty("list").EnumerateArray()
           where variable.TryGetProperty("definition", out _)
           select variable.GetProperty("definition").GetString()!,
    ];
}
