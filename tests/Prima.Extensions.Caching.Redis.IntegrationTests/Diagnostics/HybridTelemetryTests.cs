using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Diagnostics;

/// <summary>What a hybrid cache measures, traces and logs, and that its documents say so.</summary>
public sealed class HybridTelemetryTests : IDisposable
{
    private const string Instance = "of-a-patient:";

    private static readonly HybridCacheEntryOptions InRedis = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };

    private readonly RecordedLog _log = new();
    private readonly string _instance = $"{Instance}{Guid.NewGuid():N}:";
    private RecordedMetrics? _metrics;

    public void Dispose() => _metrics?.Dispose();

    [Fact]
    public async Task Instruments_OfAHybridCache_AreThoseOfTheTables()
    {
        await using var node = await OpenAsync();

        Assert.Equal(
            DocumentedInstrument.OfCache.Concat(DocumentedInstrument.OfHybridCache).Select(static row => (row.Name, row.Kind, row.Unit)).Order(),
            _metrics!.Instruments.Select(DocumentedInstrument.Describe).Order());
        Assert.All(_metrics.Instruments, static instrument => Assert.False(string.IsNullOrEmpty(instrument.Description)));
    }

    [Fact]
    public async Task Requests_OfBothLevels_AreCountedByResult()
    {
        await using var node = await OpenAsync();
        await node.Cache.GetOrCreateAsync("key", _ => new ValueTask<string>("made"));
        await Poll.UntilAsync("filled", HybridNode.Deadline, () => node.Cache.Local.Count == 1);
        await node.Cache.GetOrCreateAsync("key", _ => new ValueTask<string>("made"));
        await node.Cache.TryGetAsync<string>("key", InRedis);
        await node.Redis.SetAsync("rubbish", [1, 2, 3], new());
        await node.Cache.TryGetAsync<string>("rubbish");
        await node.Cache.SetAsync("old", "value", InRedis, ["tag"]);
        await node.Cache.RemoveByTagAsync("tag");
        await node.Cache.GetManyAsync<string>(["old", "key"], InRedis);

        Assert.Equal(["hit", "miss", "miss"], Of("prima.cache.l1.requests", "prima.cache.result"));
        Assert.Equal(["expired", "hit", "hit", "miss", "rejected"], Of("prima.cache.l2.requests", "prima.cache.result"));
        Assert.Equal(["success"], Of("prima.cache.factory.duration", "prima.cache.outcome"));
        Assert.Equal(1, _metrics!.ObserveSum("prima.cache.l1.entries"));
        Assert.True(_metrics.ObserveSum("prima.cache.l1.bytes") >= "key".Length);
    }

    [Fact]
    public async Task Factories_JoinedRefusedAndFailed_AreCounted()
    {
        await using var node = await OpenAsync();
        var (started, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        async ValueTask<string> MakeAsync(CancellationToken token)
        {
            started.TrySetResult();
            await go.Task;
            return "made";
        }

        var first = node.Cache.GetOrCreateAsync("key", MakeAsync).AsTask();
        await started.Task;
        var joined = node.Cache.GetOrCreateAsync("key", MakeAsync).AsTask();
        await node.Cache.RemoveAsync("key");
        go.SetResult();
        await Task.WhenAll(first, joined);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await node.Cache.GetOrCreateAsync<string>("other", static _ => throw new InvalidDataException()));

        await Poll.UntilAsync("the fill was refused", HybridNode.Deadline, () => _metrics!.Of("prima.cache.fills.refused").Count == 1);
        Assert.Single(_metrics!.Of("prima.cache.joined"));
        Assert.Equal(["failure", "success"], Of("prima.cache.factory.duration", "prima.cache.outcome"));
    }

    [Fact]
    public async Task Factories_OfCallersThatCannotGetACopy_AreCounted()
    {
        await using var node = await OpenAsync(
            (await SharedServers.GetProcessAsync()).Configuration, static options => options.MaximumLocalBytes = 1 << 16, static options => options.MaximumPayloadBytes = 100);
        var (started, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        var made = 0;
        async ValueTask<List<string>> MakeAsync(CancellationToken token)
        {
            started.TrySetResult();
            await go.Task;
            return Interlocked.Increment(ref made) == 2 ? throw new InvalidDataException() : [new('x', 1 << 16)];
        }

        var first = node.Cache.GetOrCreateAsync("key", MakeAsync).AsTask();
        await started.Task;
        var joined = node.Cache.GetOrCreateAsync("key", MakeAsync).AsTask();
        go.SetResult();

        await first;
        await Assert.ThrowsAsync<InvalidDataException>(() => joined);
        Assert.Equal(["failure", "success"], Of("prima.cache.factory.duration", "prima.cache.outcome"));
    }

    [Fact]
    public async Task Leases_OfAnotherNode_AreWaitedForAndMeasured()
    {
        await using var node = await OpenAsync();
        await using var other = await HybridNode.OpenAsync((await SharedServers.GetProcessAsync()).Configuration, _instance);
        var (started, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        var theirs = other.Cache.GetOrCreateAsync("key", async _ =>
        {
            started.SetResult();
            await go.Task;
            return "made";
        }).AsTask();
        await started.Task;

        var ours = node.Cache.GetOrCreateAsync("key", _ => new ValueTask<string>("not wanted")).AsTask();
        await Poll.UntilAsync("we wait", HybridNode.Deadline, () => node.Cache.Leases.WaitingCount == 1);
        go.SetResult();

        Assert.Equal("made", await ours);
        Assert.Equal("made", await theirs);
        Assert.NotEmpty(_metrics!.Of("prima.cache.lease.wait"));
    }

    [Fact]
    public async Task Invalidations_AndWhatLeavesTheL1_AreCountedByCause()
    {
        await using var node = await OpenAsync(options => options.MaximumLocalEntries = 10);
        await using var other = await HybridNode.OpenAsync((await SharedServers.GetProcessAsync()).Configuration, _instance);
        await node.Cache.SetAsync("key", "value");
        await Poll.UntilAsync("own writes come back", HybridNode.Deadline, () => _metrics!.Of("prima.cache.invalidations").Count == 1);
        await node.VerifiedAsync();

        await other.Cache.SetAsync("key", "theirs");
        await Poll.UntilAsync("announced", HybridNode.Deadline, () => Of("prima.cache.l1.removals", "prima.cache.cause").Contains("invalidated"));
        await node.Cache.SetAsync("tagged", "value", tags: ["tag"]);
        await node.VerifiedAsync();
        await node.Cache.RemoveByTagAsync("tag");
        await node.Cache.TryGetAsync<string>("tagged");
        await node.Cache.SetAsync("short", "value", new() { LocalCacheExpiration = TimeSpan.FromMilliseconds(50) });
        await Poll.UntilAsync("expired", HybridNode.Deadline, async () =>
        {
            await node.Cache.TryGetAsync<string>("short");
            return Of("prima.cache.l1.removals", "prima.cache.cause").Contains("expired");
        });
        await node.Cache.SetManyAsync(Enumerable.Range(0, 30).Select(static i => KeyValuePair.Create($"key{i}", "value")));
        await node.Cache.RemoveByTagAsync("*");

        Assert.Equal(["tracking"], Of("prima.cache.invalidations", "prima.cache.source").Distinct());
        Assert.Equal(["tracking"], Of("prima.cache.invalidation.lag", "prima.cache.source").Distinct());
        Assert.Superset(new HashSet<string?> { "capacity", "cleared", "expired", "invalidated", "tag" }, Of("prima.cache.l1.removals", "prima.cache.cause").ToHashSet());
    }

    [Fact]
    public async Task Measurements_HaveTheTagsOfTheTable_AndNameNobody()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var node = await OpenAsync(server.Configuration);
        await Requests(node);
        await server.ExecuteAsync("FLUSHALL");
        await Poll.UntilAsync("emptied", HybridNode.Deadline, () => Of("prima.cache.l1.flushes", "prima.cache.reason").Contains("flushed"));
        await server.KillAsync();
        await Poll.UntilAsync("not told any more", HybridNode.Deadline, () => !node.Cache.Source.IsArmed("any"));
        await Requests(node);
        _metrics!.ObserveSum("prima.cache.l1.entries");

        Assert.All(DocumentedInstrument.OfHybridCache, row => Assert.All(_metrics.Of(row.Name), one =>
        {
            Assert.Equal(row.Tags, one.Tags.Keys.Order(StringComparer.Ordinal));
            Assert.Equal("default", one.Tag("prima.cache.name"));
            Assert.All(one.Tags.Values, static value => Assert.DoesNotContain("of-a-patient", $"{value}", StringComparison.Ordinal));
        }));
        Assert.Contains("connection-lost", Of("prima.cache.l1.flushes", "prima.cache.reason"));
        Assert.All(_log.All, static entry => Assert.DoesNotContain("of-a-patient", entry.Text, StringComparison.Ordinal));

        static async Task Requests(HybridNode node)
        {
            await node.Cache.GetOrCreateAsync("made-of-a-patient", static _ => new ValueTask<string>("value-of-a-patient"), tags: ["tag-of-a-patient"]);
            await node.Cache.SetAsync("set-of-a-patient", "value-of-a-patient", tags: ["tag-of-a-patient"]);
            await node.Cache.TryGetAsync<int>("set-of-a-patient", InRedis);
            await node.Cache.RemoveAsync("set-of-a-patient");
            await node.Cache.RemoveByTagAsync("tag-of-a-patient");
            await node.Cache.GetOrCreateAsync("bad\u0001of-a-patient", static _ => new ValueTask<string>("value-of-a-patient"));
        }
    }

    [Fact]
    public async Task Background_OfACacheThatACallerWasTheFirstToNeed_IsNotInItsTrace()
    {
        using var spans = new RecordedSpans();
        await using var node = await HybridNode.OpenAsync((await SharedServers.GetProcessAsync()).Configuration, _instance);

        Assert.Empty(spans.All);
    }

    [Fact]
    public async Task TagRemoval_ThatIsSentAgain_IsNotInItsCallersTrace()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var node = await OpenAsync(server.Configuration);
        await server.KillAsync();
        using var spans = new RecordedSpans();

        await node.Cache.RemoveByTagAsync("tag");
        await server.RestartAsync();
        await Poll.UntilAsync("it was sent again", HybridNode.Deadline, () => _log.All.Any(static entry => entry.Id == 4012));

        Assert.Single(spans.All, static span => span.DisplayName.Contains("remove-tag", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Lease_ThatIsLengthened_IsNotInItsCallersTrace()
    {
        await using var node = await OpenAsync(static options => options.LeaseDuration = TimeSpan.FromSeconds(1));
        using var spans = new RecordedSpans();

        await node.Cache.GetOrCreateAsync("key", static async token =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), token);
            return "made";
        });

        Assert.Single(spans.All, static span => span.DisplayName.Contains("lease", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Spans_OfAMissAndOfAHit_AreBelowTheCallers()
    {
        await using var node = await OpenAsync();
        using var spans = new RecordedSpans();
        await Assert.ThrowsAsync<InvalidDataException>(async () => await node.Cache.GetOrCreateAsync<string>("key", static _ => throw new InvalidDataException("of-a-patient")));
        await node.Cache.GetOrCreateAsync("key", _ => new ValueTask<string>("made"));
        await Poll.UntilAsync("filled", HybridNode.Deadline, () => spans.All.Any(static span => span.OperationName == "prima.cache.l2.write"));
        var before = spans.All.Count;
        await node.Cache.GetOrCreateAsync("key", _ => new ValueTask<string>("made"));
        await node.Cache.TryGetAsync<string>("key", InRedis);

        var own = spans.All.Where(static span => span.OperationName.StartsWith("prima.cache.", StringComparison.Ordinal)).ToList();
        Assert.Equal(
            ["prima.cache.l2.read", "prima.cache.factory", "prima.cache.l2.read", "prima.cache.factory", "prima.cache.l2.write", "prima.cache.l2.read"],
            own.Select(static span => span.OperationName));
        Assert.All(own, static span => Assert.Equal("default", span.GetTagItem("prima.cache.name")));
        Assert.Equal([false, false, true], own.Where(static span => span.OperationName == "prima.cache.l2.read").Select(static span => span.GetTagItem("prima.cache.hit")));
        Assert.Equal(ActivityStatusCode.Error, own[1].Status);
        Assert.Equal(nameof(InvalidDataException), own[1].GetTagItem("error.type"));
        Assert.Null(own[1].StatusDescription);
        Assert.True(before < spans.All.Count);
    }

    [Fact]
    public async Task Events_OfTheHybridCache_AreLogged()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var node = await OpenAsync(server.Configuration, configureHybrid: static options => options.MaximumPayloadBytes = 1000, configureRedis: static options => options.FailureMode = FailureMode.Throw);
        await node.Redis.SetAsync("rubbish", [1, 2, 3], new());
        await node.Cache.TryGetAsync<string>("rubbish");
        await node.Cache.SetAsync("text", "no number");
        await node.Cache.TryGetAsync<int>("text", InRedis);
        await Assert.ThrowsAnyAsync<Exception>(async () => await node.Cache.SetAsync("endless", new PrimaHybridCacheTests.Endless()));
        await node.Cache.SetAsync("large", new string('x', 2000));
        await node.Cache.GetOrCreateAsync(" ", static _ => new ValueTask<string>("value"));
        await node.Cache.RemoveAsync("__MSFT_HCT__tag");
        await node.Cache.GetOrCreateAsync("removed", async token =>
        {
            await node.Cache.RemoveAsync("removed", token);
            return "value";
        });
        await server.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
        await node.Cache.GetOrCreateAsync("full", static _ => new ValueTask<string>("value"), new() { Flags = PrimaHybridCacheEntryFlags.DisableLease });
        await Assert.ThrowsAnyAsync<Exception>(async () => await node.Cache.RemoveByTagAsync("tag"));
        await server.KillAsync();
        await node.Cache.TryGetAsync<string>("away");

        int[] expected = [4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007, 4008, 4009, 4010, 4011];
        await Poll.UntilSolvedAsync("all events", HybridNode.Deadline, () => Task.FromResult(
            expected.Except(_log.All.Select(static entry => entry.Id)).ToArray() is { Length: > 0 } missing ? $"missing: {string.Join(", ", missing)}" : null));
    }

    private IEnumerable<string?> Of(string instrument, string tag) => _metrics!.Of(instrument).Select(one => one.Tag(tag)).Order(StringComparer.Ordinal);

    private async Task<HybridNode> OpenAsync(Action<PrimaHybridCacheOptions>? configure = null) =>
        await OpenAsync((await SharedServers.GetProcessAsync()).Configuration, configure);

    private async Task<HybridNode> OpenAsync(
        string configuration, Action<PrimaHybridCacheOptions>? configure = null, Action<HybridCacheOptions>? configureHybrid = null, Action<PrimaRedisCacheOptions>? configureRedis = null)
    {
        var node = HybridNode.Open(configuration, _instance, configure, configureRedis, configureHybrid, builder =>
            builder.Services.AddMetrics().AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(_log)));
        _metrics = new(node.Services.GetRequiredService<IMeterFactory>());
        await node.ReadyAsync();
        return node;
    }

    private sealed class RecordedLog : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<(int Id, string Text)> _entries = [];

        public IReadOnlyList<(int Id, string Text)> All => [.. _entries];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _entries.Enqueue((eventId.Id, formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}
