using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;
using Prima.Extensions.Caching.Redis.TestServers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Diagnostics;

/// <summary>What is measured of operations: each once, with its outcome, and nothing else.</summary>
public sealed class OperationMetricTests
{
    private const string Lookups = "prima.cache.lookups";
    private const string Duration = "prima.cache.operation.duration";
    private const string Errors = "prima.cache.errors";
    private const string PayloadSize = "prima.cache.payload.size";
    private const string BatchSize = "prima.cache.batch.size";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly DistributedCacheEntryOptions Sliding = new() { SlidingExpiration = TimeSpan.FromMinutes(1) };

    private enum Caches
    {
        Images,
    }

    [Theory]
    [InlineData(CacheAccess.Sync)]
    [InlineData(CacheAccess.Async)]
    [InlineData(CacheAccess.BufferSync)]
    [InlineData(CacheAccess.BufferAsync)]
    public async Task Operations_OfEveryKind_AreMeasuredOnceEach(CacheAccess access)
    {
        await using var observed = await ObservedCache.ConnectAsync((await SharedServers.GetStandaloneAsync()).Configuration);
        var cache = observed.Cache;

        await cache.GetAsync(access, "k");
        await cache.SetAsync(access, "k", [1, 2, 3], Sliding);
        await cache.GetAsync(access, "k");
        await cache.RefreshAsync(access, "k");
        await cache.RefreshAsync(access, "missing");
        await cache.RemoveAsync(access, "k");

        Assert.Equal(
            [("get", "miss"), ("set", "stored"), ("get", "hit"), ("refresh", "refreshed"), ("refresh", "miss"), ("remove", "removed")],
            observed.Metrics.Of(Duration).Select(OperationAndOutcome));
        Assert.All(observed.Metrics.Of(Duration), static one => Assert.True(one.Value > 0));
        Assert.Equal([("miss", 1), ("hit", 1)], observed.Metrics.Of(Lookups).Select(ResultAndCount));
        Assert.Equal([("set", 3), ("get", 3)], observed.Metrics.Of(PayloadSize).Select(OperationAndValue));
        Assert.Empty(observed.Metrics.Of(Errors));
        Assert.Empty(observed.Metrics.Of(BatchSize));
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task Batches_OfEveryKind_AreMeasuredOnceEach(EntryLayout layout)
    {
        await using var observed = await ObservedCache.ConnectAsync((await SharedServers.GetStandaloneAsync()).Configuration, options => options.Layout = layout);
        string[] keys = ["a", "b", "c"];

        await observed.Cache.SetManyAsync(keys.Select(static key => new BatchEntry(key, new byte[10], Sliding)));
        using (await observed.Cache.GetManyAsync([.. keys, "missing", "a"]))
        {
        }

        await observed.Cache.RefreshManyAsync(keys);
        await observed.Cache.RemoveManyAsync(keys);

        Assert.Equal([("set-many", "ok"), ("get-many", "ok"), ("refresh-many", "ok"), ("remove-many", "ok")], observed.Metrics.Of(Duration).Select(OperationAndOutcome));
        Assert.Equal([("set-many", 3), ("get-many", 5), ("refresh-many", 3), ("remove-many", 3)], observed.Metrics.Of(BatchSize).Select(OperationAndValue));
        Assert.Equal([("hit", 4), ("miss", 1)], observed.Metrics.Of(Lookups).Select(ResultAndCount).Order());
        Assert.Equal([("get-many", 40), ("set-many", 30)], observed.Metrics.Of(PayloadSize).GroupBy(OperationOf).Select(static size => (size.Key, size.Sum(static one => one.Value))).Order());
        Assert.Empty(observed.Metrics.Of(Errors));
    }

    [Fact]
    public async Task Batch_InChunks_IsOneBatch()
    {
        await using var observed = await ObservedCache.ConnectAsync((await SharedServers.GetStandaloneAsync()).Configuration, static options => options.BatchChunkSize = 2);

        await observed.Cache.RemoveManyAsync(["a", "b", "c", "d", "e"]);

        Assert.Equal(5, Assert.Single(observed.Metrics.Of(BatchSize)).Value);
        Assert.Single(observed.Metrics.Of(Duration));
    }

    [Fact]
    public async Task Batch_WithAWrongEntry_HasFailedAndIsNoFaultOfRedis()
    {
        await using var observed = await ObservedCache.ConnectAsync((await SharedServers.GetStandaloneAsync()).Configuration);

        await observed.Cache.RemoveManyAsync(["a", null!]);

        Assert.Equal(("remove-many", "failed"), OperationAndOutcome(Assert.Single(observed.Metrics.Of(Duration))));
        Assert.Empty(observed.Metrics.Of(Errors));
    }

    [Fact]
    public async Task Outage_Degrade_EveryOperationIsDegradedAndCounted()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var observed = await ObservedCache.ConnectAsync(server.Configuration);
        var cache = observed.Cache;
        await cache.SetAsync("k", [1], Sliding);
        await server.KillAsync();
        await Poll.UntilAsync("the breaker is open", Deadline, () => observed.Metrics.ObserveSum("prima.cache.breaker.state") == 1);
        observed.Metrics.Clear();

        Assert.Null(await cache.GetAsync("k"));
        await cache.SetAsync("k", [1], Sliding);
        await cache.RefreshAsync("other");
        await cache.RemoveAsync("k");
        using (await cache.GetManyAsync(["x", "y", "z"]))
        {
        }

        Assert.Equal([("get", "degraded"), ("set", "degraded"), ("refresh", "degraded"), ("remove", "degraded"), ("get-many", "skipped")], observed.Metrics.Of(Duration).Select(OperationAndOutcome));
        Assert.Equal([("degraded", 1), ("degraded", 3)], observed.Metrics.Of(Lookups).Select(ResultAndCount));
        Assert.All(observed.Metrics.Of(Errors), static one => Assert.Equal("NotConnected", one.Tag("error.type")));

        // The journal's own attempts are errors of removals too; of those there may be any number.
        Assert.Equal(["get", "get-many", "refresh", "set"], observed.Metrics.Of(Errors).Select(OperationOf).Where(static operation => operation != "remove").Distinct().Order());
        Assert.Contains("remove", observed.Metrics.Of(Errors).Select(OperationOf));
    }

    [Fact]
    public async Task Outage_JournalCoversKey_ReadIsDegradedAndNoError()
    {
        await using var server = await RedisServers.StartProcessAsync();
        var readOnly = await server.SetUserAsync("reader", "secret", "~*", "+@all", "-unlink");
        await using var observed = await ObservedCache.ConnectAsync(readOnly);
        await observed.Cache.SetAsync("k", [1], Sliding);
        await observed.Cache.RemoveAsync("k");
        var errors = observed.Metrics.Of(Errors).Count(static one => OperationOf(one) == "get");

        Assert.Null(await observed.Cache.GetAsync("k"));

        Assert.Equal(("degraded", 1), ResultAndCount(Assert.Single(observed.Metrics.Of(Lookups))));
        Assert.Equal(errors, observed.Metrics.Of(Errors).Count(static one => OperationOf(one) == "get"));
    }

    [Fact]
    public async Task Fault_OutOfMemory_IsAnErrorOfThatKindAndAFailedOperation()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var observed = await ObservedCache.ConnectAsync(server.Configuration, static options => options.FailureMode = FailureMode.Throw);
        await server.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");

        await Assert.ThrowsAsync<RedisServerException>(() => observed.Cache.SetAsync("k", [1], Sliding));

        Assert.Equal(("set", "failed"), OperationAndOutcome(Assert.Single(observed.Metrics.Of(Duration))));
        Assert.Equal(("set", "OutOfMemory"), OperationAndKind(Assert.Single(observed.Metrics.Of(Errors))));
    }

    [Fact]
    public async Task Fault_ValueTooLarge_IsAnErrorAlsoInABatch()
    {
        await using var observed = await ObservedCache.ConnectAsync((await SharedServers.GetStandaloneAsync()).Configuration, static options => options.MaximumValueBytes = 2048);

        await observed.Cache.SetAsync("k", new byte[2049], Sliding);
        await observed.Cache.SetManyAsync([new("a", new byte[2049], Sliding), new("b", new byte[1], Sliding)]);

        Assert.Equal([("set", "ValueTooLargeException"), ("set-many", "ValueTooLargeException")], observed.Metrics.Of(Errors).Select(OperationAndKind));
    }

    [Fact]
    public async Task Fault_NoPermission_IsAnErrorOfThatKind()
    {
        await using var server = await RedisServers.StartProcessAsync();
        var writer = await server.SetUserAsync("writer", "secret", "~*", "+@all", "-hmget");
        await using var observed = await ObservedCache.ConnectAsync(writer);

        Assert.Null(await observed.Cache.GetAsync("k"));

        Assert.Equal(("get", "NoPermission"), OperationAndKind(Assert.Single(observed.Metrics.Of(Errors))));
        Assert.Equal(("degraded", 1), ResultAndCount(Assert.Single(observed.Metrics.Of(Lookups))));
    }

    [Fact]
    public async Task Fault_HangingServer_IsATimeout()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var observed = await ObservedCache.ConnectAsync(server.Configuration, static options =>
        {
            options.FailureMode = FailureMode.Throw;
            options.CommandTimeout = TimeSpan.FromMilliseconds(300);
        });
        await observed.Cache.GetAsync("k");
        observed.Metrics.Clear();
        server.Suspend();

        await Assert.ThrowsAnyAsync<TimeoutException>(() => observed.Cache.GetAsync("k"));
        server.Resume();

        Assert.Equal(("get", "Timeout"), OperationAndKind(Assert.Single(observed.Metrics.Of(Errors))));
        Assert.Equal(("get", "failed"), OperationAndOutcome(Assert.Single(observed.Metrics.Of(Duration))));
        Assert.Empty(observed.Metrics.Of(Lookups));
    }

    [Fact]
    public async Task Cancellation_WhileWaiting_IsMeasuredAndNoError()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var observed = await ObservedCache.ConnectAsync(server.Configuration);
        await observed.Cache.GetAsync("k");
        observed.Metrics.Clear();
        server.Suspend();
        using var cancellation = new CancellationTokenSource();

        var read = observed.Cache.GetAsync("k", cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        server.Resume();

        Assert.Equal(("get", "canceled"), OperationAndOutcome(Assert.Single(observed.Metrics.Of(Duration))));
        Assert.Empty(observed.Metrics.Of(Errors));
        Assert.Empty(observed.Metrics.Of(Lookups));
    }

    [Fact]
    public async Task KeyedCaches_OfOneApplication_AreToldApart()
    {
        var server = await SharedServers.GetStandaloneAsync();
        var services = new ServiceCollection().AddMetrics();
        services.AddPrimaRedisCache(options => options.Configuration = server.Configuration);
        services.AddKeyedPrimaRedisCache("sessions", options => options.Configuration = server.Configuration);
        services.AddKeyedPrimaRedisCache(Caches.Images, options => options.Configuration = server.Configuration);
        await using var provider = services.BuildServiceProvider();
        using var metrics = new RecordedMetrics(provider.GetRequiredService<IMeterFactory>());
        var key = Guid.NewGuid().ToString("N");

        await provider.GetRequiredService<IDistributedCache>().GetAsync(key);
        await provider.GetRequiredKeyedService<IDistributedCache>("sessions").GetAsync(key);
        await provider.GetRequiredKeyedService<IDistributedCache>(Caches.Images).GetAsync(key);

        Assert.Equal(["default", "sessions", "Images"], metrics.Of(Lookups).Select(static one => one.Tag("prima.cache.name")));
        Assert.Equal(["Images", "default", "sessions"], metrics.Observe("prima.cache.journal.length").Select(static one => one.Tag("prima.cache.name")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task MeterFactory_NotRegistered_MetersOfItsOwnMeasure()
    {
        var name = Guid.NewGuid().ToString("N");
        var services = new ServiceCollection();
        var configuration = (await SharedServers.GetStandaloneAsync()).Configuration;
        services.AddKeyedPrimaRedisCache(name, options => options.Configuration = configuration);
        await using var provider = services.BuildServiceProvider();
        using var metrics = new RecordedMetrics(factory: null);

        await provider.GetRequiredKeyedService<IDistributedCache>(name).GetAsync(name);

        Assert.Single(metrics.Of(Lookups), one => one.Tag("prima.cache.name") == name);
    }

    private static string OperationOf(Recorded one) => one.Tag("prima.cache.operation")!;

    private static (string, string) OperationAndOutcome(Recorded one) => (OperationOf(one), one.Tag("prima.cache.outcome")!);

    private static (string, string) OperationAndKind(Recorded one) => (OperationOf(one), one.Tag("error.type")!);

    private static (string, double) OperationAndValue(Recorded one) => (OperationOf(one), one.Value);

    private static (string, double) ResultAndCount(Recorded one) => (one.Tag("prima.cache.result")!, one.Value);
}
