using System.Text.Json;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Samples;

/// <summary>Fields of the sample's answers, read as a browser would: by name.</summary>
internal static class JsonElementExtensions
{
    public static string? Text(this JsonElement element, string name) => element.GetProperty(name).GetString();

    public static int Number(this JsonElement element, string name) => element.GetProperty(name).GetInt32();

    public static JsonElement[] Items(this JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray()];
}
