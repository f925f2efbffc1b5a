namespace Prima.Extensions.Caching.Redis.IntegrationTests.Diagnostics;

/// <summary>One measurement.</summary>
internal sealed record Recorded(string Instrument, double Value, IReadOnlyDictionary<string, object?> Tags)
{
    public string? Tag(string name) => Tags.GetValueOrDefault(name)?.ToString();
}
