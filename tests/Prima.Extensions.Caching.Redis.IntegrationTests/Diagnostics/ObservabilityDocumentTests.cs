using System.Text.Json;
using Microsoft.Extensions.Caching.Distributed;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Diagnostics;

/// <summary>docs/observability.md and the dashboard are held to what is measured, and what is measured names nobody.</summary>
public sealed class ObservabilityDocumentTests
{
    private const string Key = "key-of-a-patient";
    private const string Value = "value-of-a-patient";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly DistributedCacheEntryOptions Sliding = new() { SlidingExpiration = TimeSpan.FromMinutes(1) };

    [Fact]
    public async Task Instruments_OfTheMeter_AreThoseOfTheTable()
    {
        await using var observed = new ObservedCache("127.0.0.1:1");

        Assert.Equal(
            DocumentedInstrument.OfCache.Select(static row => (row.Name, row.Kind, row.Unit)).Order(),
            observed.Metrics.Instruments.Select(DocumentedInstrument.Describe).Order());
        Assert.All(observed.Metrics.Instruments, static instrument => Assert.False(string.IsNullOrEmpty(instrument.Description)));
    }

    [Fact]
    public async Task Tags_OfUseAndOutage_AreThoseOfTheTableAndNameNobody()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var observed = await ObservedCache.ConnectAsync(server.Configuration, static options =>
        {
            options.InstanceName = "of-a-patient:";
            options.ServerSamplingInterval = TimeSpan.FromSeconds(1);
        });
        using var spans = new RecordedSpans();

        await UseAsync(observed.Cache);
        await server.ExecuteAsync("SADD", $"of-a-patient:{Key}", Value);
        await UseAsync(observed.Cache);
        await Poll.UntilAsync("the server was sampled", Deadline, () => observed.Metrics.ObserveSum("prima.cache.server.hit_ratio") is not null);
        await server.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
        await UseAsync(observed.Cache);
        await server.KillAsync();
        await UseAsync(observed.Cache);
        await Poll.UntilAsync("the breaker is open", Deadline, () => observed.Metrics.ObserveSum("prima.cache.breaker.state") == 1);
        await UseAsync(observed.Cache);

        var measured = observed.Metrics.All;
        Assert.All(DocumentedInstrument.OfCache, row =>
        {
            var ofInstrument = measured.Where(one => one.Instrument == row.Name).ToList();
            Assert.NotEmpty(ofInstrument);
            Assert.All(ofInstrument, one => Assert.Equal(row.Tags, one.Tags.Keys.Order(StringComparer.Ordinal)));
        });
        Assert.All(measured.SelectMany(static one => one.Tags.Values), AssertClean);
        Assert.NotEmpty(spans.All);
        Assert.All(spans.All, static span =>
        {
            AssertClean(span.DisplayName);
            AssertClean(span.StatusDescription);
            Assert.Empty(span.Events);
            Assert.All(span.TagObjects, static tag => AssertClean(tag.Value));
        });

        static void AssertClean(object? text) => Assert.DoesNotContain("of-a-patient", $"{text}", StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Dashboard_Panels_HaveTitlesAndDoNotOverlap()
    {
        var panels = Dashboard.Root.GetProperty("panels").EnumerateArray().Select(static panel => (
            Id: panel.GetProperty("id").GetInt32(),
            Title: panel.GetProperty("title").GetString(),
            X: Position(panel, "x"),
            Y: Position(panel, "y"),
            Width: Position(panel, "w"),
            Height: Position(panel, "h"))).ToList();

        Assert.Equal(panels.Count, panels.DistinctBy(static panel => panel.Id).Count());
        Assert.All(panels, panel => Assert.False(string.IsNullOrEmpty(panel.Title)));
        Assert.All(panels, panel => Assert.True(panel.X + panel.Width <= 24));
        Assert.All(panels, panel => Assert.DoesNotContain(panels, other => other.Id != panel.Id
            && other.X < panel.X + panel.Width && panel.X < other.X + other.Width && other.Y < panel.Y + panel.Height && panel.Y < other.Y + other.Height));

        static int Position(JsonElement panel, string name) => panel.GetProperty("gridPos").GetProperty(name).GetInt32();
    }

    private static async Task UseAsync(PrimaRedisCache cache)
    {
        var value = System.Text.Encoding.UTF8.GetBytes(Value);
        await cache.GetAsync(Key);
        await cache.SetAsync(Key, value, Sliding);
        await cache.GetAsync(Key);
        await cache.RefreshAsync(Key);
        await cache.SetManyAsync([new BatchEntry(Key, value, Sliding), new BatchEntry(Key + "2", value, Sliding)]);
        using (await cache.GetManyAsync([Key, Key + "2"]))
        {
        }

        await cache.RefreshManyAsync([Key]);
        await cache.RemoveManyAsync([Key + "2"]);
        await cache.RemoveAsync(Key);
    }
}
