using System.Diagnostics;
using Microsoft.Extensions.Caching.Distributed;
using Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;
using Prima.Extensions.Caching.Redis.TestServers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Diagnostics;

/// <summary>One span for each operation, below that of whoever asked.</summary>
public sealed class TraceTests
{
    private static readonly DistributedCacheEntryOptions Sliding = new() { SlidingExpiration = TimeSpan.FromMinutes(1) };

    [Theory]
    [InlineData(CacheAccess.Sync)]
    [InlineData(CacheAccess.Async)]
    [InlineData(CacheAccess.BufferSync)]
    [InlineData(CacheAccess.BufferAsync)]
    public async Task Operations_OfEveryKind_HaveASpanEach(CacheAccess access)
    {
        await using var observed = await ObservedCache.ConnectAsync((await SharedServers.GetStandaloneAsync()).Configuration);
        using var spans = new RecordedSpans();

        await observed.Cache.GetAsync(access, "k");
        await observed.Cache.SetAsync(access, "k", [1], Sliding);
        await observed.Cache.GetAsync(access, "k");
        await observed.Cache.RefreshAsync(access, "k");
        await observed.Cache.RemoveAsync(access, "k");

        Assert.Equal(
            [("get", "miss"), ("set", "stored"), ("get", "hit"), ("refresh", "refreshed"), ("remove", "removed")],
            spans.All.Select(static span => (span.OperationName, span.GetTagItem("prima.cache.outcome"))));
        Assert.All(spans.All, span =>
        {
            Assert.Equal(spans.Parent.SpanId, span.ParentSpanId);
            Assert.Equal((ActivityKind.Client, ActivityStatusCode.Unset), (span.Kind, span.Status));
            Assert.Equal(("redis", span.OperationName, "default"), (span.GetTagItem("db.system.name"), span.GetTagItem("db.operation.name"), span.GetTagItem("prima.cache.name")));
            Assert.Null(span.GetTagItem("error.type"));
            Assert.Null(span.GetTagItem("db.operation.batch.size"));
        });
        Assert.Same(spans.Parent, Activity.Current);
    }

    [Fact]
    public async Task Batch_OfSeveralChunks_HasOneSpanWithItsSize()
    {
        await using var observed = await ObservedCache.ConnectAsync((await SharedServers.GetStandaloneAsync()).Configuration, static options => options.BatchChunkSize = 2);
        using var spans = new RecordedSpans();

        await observed.Cache.RemoveManyAsync(["a", "b", "c", "d", "e"]);

        var span = Assert.Single(spans.All);
        Assert.Equal(("remove-many", "ok", 5), (span.OperationName, span.GetTagItem("prima.cache.outcome"), span.GetTagItem("db.operation.batch.size")));
        Assert.Equal(spans.Parent.SpanId, span.ParentSpanId);
    }

    [Theory]
    [InlineData(FailureMode.Throw, "failed")]
    [InlineData(FailureMode.Degrade, "degraded")]
    public async Task Fault_OfAnOperationAndOfABatch_IsNamedByItsKind(FailureMode failureMode, string outcome)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var observed = await ObservedCache.ConnectAsync(server.Configuration, options => options.FailureMode = failureMode);
        await server.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
        using var spans = new RecordedSpans();

        var fault = await Record.ExceptionAsync(() => observed.Cache.SetAsync("k", [1], Sliding));
        await observed.Cache.SetManyAsync([new BatchEntry("a", new byte[1], Sliding), new BatchEntry("b", new byte[1], Sliding)]);

        Assert.Equal(failureMode == FailureMode.Throw, fault is RedisServerException);
        Assert.Equal(["set", "set-many"], spans.All.Select(static span => span.OperationName));
        Assert.All(spans.All, span => Assert.Equal(
            ("OutOfMemory", outcome, ActivityStatusCode.Error),
            (span.GetTagItem("error.type"), span.GetTagItem("prima.cache.outcome"), span.Status)));
    }

    [Fact]
    public async Task Span_NotSampled_IsNotMade()
    {
        await using var observed = await ObservedCache.ConnectAsync((await SharedServers.GetStandaloneAsync()).Configuration);
        using var spans = new RecordedSpans();

        Activity.Current = null;
        await observed.Cache.GetAsync("k");

        Assert.Empty(spans.All);
    }
}
