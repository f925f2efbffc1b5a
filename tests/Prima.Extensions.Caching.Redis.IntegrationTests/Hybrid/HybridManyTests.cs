using System.Text.Json;
using Microsoft.Extensions.Caching.Hybrid;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Observation;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid;

/// <summary>Batches and single calls share what is under way, with leases and without.</summary>
public sealed class HybridManyTests
{
    private static readonly HybridCacheEntryOptions NoLease = new() { Flags = PrimaHybridCacheEntryFlags.DisableLease };

    private readonly string _instance = Guid.NewGuid().ToString("N") + ":";
    private readonly TaskCompletionSource _started = new();
    private readonly TaskCompletionSource _go = new();
    private int _made;

    public static TheoryData<HybridCacheEntryOptions> Leases => [new HybridCacheEntryOptions(), NoLease];

    [Theory, MemberData(nameof(Leases))]
    public async Task Batch_WithAKeyThatASingleCallMakes_WaitsForThat(HybridCacheEntryOptions options)
    {
        await using var node = await OpenAsync();
        var single = node.Cache.GetOrCreateAsync("a", MakeAsync, options).AsTask();
        await _started.Task.WaitAsync(HybridNode.Deadline);
        IReadOnlyList<string>? asked = null;

        var batch = node.Cache.GetOrCreateManyAsync(["a", "b"], (keys, _) => Made(asked = keys), options).AsTask();
        await Poll.UntilAsync("the batch has made its own", HybridNode.Deadline, () => asked is not null);
        _go.SetResult();

        Assert.Equal(["b"], asked!);
        Assert.Equal("made", (await batch.WaitAsync(HybridNode.Deadline))["a"]);
        Assert.Equal("made", await single);
        Assert.Equal(2, _made);
    }

    [Theory, MemberData(nameof(Leases))]
    public async Task SingleCall_ForAKeyThatABatchMakes_WaitsForThat(HybridCacheEntryOptions options)
    {
        await using var node = await OpenAsync();
        var batch = node.Cache.GetOrCreateManyAsync(["a", "b"], MakeManyAsync, options).AsTask();
        await _started.Task.WaitAsync(HybridNode.Deadline);

        var single = node.Cache.GetOrCreateAsync("a", _ => new ValueTask<string>("not wanted"), options).AsTask();
        _go.SetResult();

        Assert.Equal("of a", await single.WaitAsync(HybridNode.Deadline));
        Assert.Equal(2, (await batch).Count);
    }

    [Theory, MemberData(nameof(Leases))]
    public async Task Batches_WithTheSameKeys_CallOneFactoryForEachKey(HybridCacheEntryOptions options)
    {
        await using var node = await OpenAsync();
        var first = node.Cache.GetOrCreateManyAsync(["a", "b", "c"], MakeManyAsync, options).AsTask();
        await _started.Task.WaitAsync(HybridNode.Deadline);

        var second = node.Cache.GetOrCreateManyAsync(["c", "b", "d"], MakeManyAsync, options).AsTask();
        _go.SetResult();

        Assert.Equal(["of a", "of b", "of c"], (await first.WaitAsync(HybridNode.Deadline)).OrderBy(static pair => pair.Key).Select(static pair => pair.Value));
        Assert.Equal(["of b", "of c", "of d"], (await second.WaitAsync(HybridNode.Deadline)).OrderBy(static pair => pair.Key).Select(static pair => pair.Value));
        Assert.Equal(4, _made);
    }

    [Fact]
    public async Task Batches_WithTheSameKeysInAnotherOrder_OfEntriesThatAreUnfit_DoNotWaitForEachOther()
    {
        await using var node = await OpenAsync();
        string[] keys = [.. Enumerable.Range(0, 200).Select(static i => $"key-{i}")];
        for (var round = 0; round < 10; round++)
        {
            await node.Cache.SetManyAsync(keys.Select(static key => KeyValuePair.Create(key, "old")), tags: ["ward"]);
            await node.Cache.RemoveByTagAsync("ward");

            var found = await Task.WhenAll(
                Task.Run(() => node.Cache.GetOrCreateManyAsync(keys, static (keys, _) => New(keys)).AsTask()),
                Task.Run(() => node.Cache.GetOrCreateManyAsync(keys.Reverse(), static (keys, _) => New(keys)).AsTask()),
                Task.Run(() => node.Cache.GetOrCreateManyAsync(keys.Where(static (_, i) => i % 2 == 0), static (keys, _) => New(keys)).AsTask())).WaitAsync(HybridNode.Deadline);

            Assert.All(found, static entries => Assert.All(entries.Values, static value => Assert.Equal("new", value)));
            Assert.Equal([200, 200, 100], found.Select(static entries => entries.Count));
        }

        static ValueTask<IReadOnlyDictionary<string, string>> New(IReadOnlyList<string> keys) => new(keys.ToDictionary(static key => key, static _ => "new"));
    }

    [Fact]
    public async Task Changes_OfWhichOneFails_AreAllTried()
    {
        await using var server = await RedisServers.StartProcessAsync();
        var configuration = await server.SetUserAsync("app", "secret", $"~{_instance}own*", "~__prima*", "&*", "+@all");
        await using var node = await HybridNode.OpenAsync(configuration, _instance, configureRedis: static options => options.FailureMode = FailureMode.Throw);
        string[] own = [.. Enumerable.Range(0, 600).Select(static i => $"own {i}")];
        string[] keys = ["not own", .. own];

        await Assert.ThrowsAsync<RedisServerException>(() => node.Cache.SetManyAsync(keys.Select(static key => KeyValuePair.Create(key, "set"))).AsTask());
        Assert.Equal(600, (await node.Cache.GetManyAsync<string>(own)).Count);

        await Assert.ThrowsAsync<RedisServerException>(() => node.Cache.RemoveAsync(keys).AsTask());
        Assert.Empty(await node.Cache.GetManyAsync<string>(own));
    }

    [Fact]
    public async Task Removal_WithANullAmongTheKeys_RemovesNone()
    {
        await using var node = await OpenAsync();
        await node.Cache.SetAsync("a", "set");

        await Assert.ThrowsAsync<ArgumentNullException>(() => node.Cache.RemoveAsync(["a", null!]).AsTask());

        Assert.True((await node.Cache.TryGetAsync<string>("a")).Found);
    }

    [Fact]
    public async Task FactoryThatReturnsNull_IsAnError()
    {
        await using var node = await OpenAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => node.Cache.GetOrCreateManyAsync<string>(["a"], static (_, _) => new((IReadOnlyDictionary<string, string>)null!)).AsTask());
    }

    [Fact]
    public async Task Removal_OfNull_IsThatOfNothing()
    {
        await using var node = await OpenAsync();
        await node.Cache.SetAsync("a", "kept", tags: ["ward"]);

        await node.Cache.RemoveAsync((IEnumerable<string>)null!);
        await node.Cache.RemoveByTagAsync((IEnumerable<string>)null!);

        Assert.True((await node.Cache.TryGetAsync<string>("a")).Found);
    }

    [Theory, MemberData(nameof(Leases))]
    public async Task Joined_ForAKeyThatTheBatchDoesNotMake_MakesItItself(HybridCacheEntryOptions options)
    {
        await using var node = await OpenAsync();
        var batch = node.Cache.GetOrCreateManyAsync<string>(
            ["a"],
            async (_, _) =>
            {
                _started.SetResult();
                await _go.Task;
                return new Dictionary<string, string>();
            },
            options).AsTask();
        await _started.Task.WaitAsync(HybridNode.Deadline);
        var single = node.Cache.GetOrCreateAsync("a", _ => new ValueTask<string>("own"), options).AsTask();
        var other = node.Cache.GetOrCreateManyAsync(["a"], (keys, _) => Made(keys), options).AsTask();
        _go.SetResult();

        Assert.Empty(await batch.WaitAsync(HybridNode.Deadline));
        Assert.Contains(await single.WaitAsync(HybridNode.Deadline), new List<string> { "own", "of a" });
        Assert.Single(await other.WaitAsync(HybridNode.Deadline));
    }

    [Fact]
    public async Task Joined_WhenTheBatchIsCancelled_MakesItItself()
    {
        await using var node = await OpenAsync();
        using var source = new CancellationTokenSource();
        var batch = node.Cache.GetOrCreateManyAsync<string>(
            ["a"],
            async (_, token) =>
            {
                _started.SetResult();
                await Task.Delay(Timeout.Infinite, token);
                return new Dictionary<string, string>();
            },
            cancellationToken: source.Token).AsTask();
        await _started.Task.WaitAsync(HybridNode.Deadline);
        var single = node.Cache.GetOrCreateAsync("a", _ => new ValueTask<string>("own")).AsTask();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => batch);
        Assert.Equal("own", await single.WaitAsync(HybridNode.Deadline));
    }

    [Fact]
    public async Task Cancelled_DoesNotWaitForAFactoryThatGoesOn()
    {
        await using var node = await OpenAsync();
        using var source = new CancellationTokenSource();
        var batch = node.Cache.GetOrCreateManyAsync(["a"], MakeManyAsync, cancellationToken: source.Token).AsTask();
        await _started.Task.WaitAsync(HybridNode.Deadline);
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => batch.WaitAsync(HybridNode.Deadline, CancellationToken.None));
        _go.SetResult();
    }

    [Fact]
    public async Task FactoryThatFails_LeavesNothingThatWaitsForOtherNodes()
    {
        await using var holder = await OpenAsync();
        await using var node = await OpenAsync();
        var held = holder.Cache.GetOrCreateAsync("b", MakeAsync).AsTask();
        await _started.Task.WaitAsync(HybridNode.Deadline);

        await Assert.ThrowsAsync<InvalidDataException>(() => node.Cache.GetOrCreateManyAsync<string>(["a", "b"], (_, _) => throw new InvalidDataException()).AsTask());

        Assert.Equal(0, node.Cache.Leases.WaitingCount);
        _go.SetResult();
        await held;
    }

    [Fact]
    public async Task Joined_WhenTheBatchsFactoryFails_GetsItsException()
    {
        await using var node = await OpenAsync();
        var batch = node.Cache.GetOrCreateManyAsync<string>(
            ["a"],
            async (_, _) =>
            {
                _started.SetResult();
                await _go.Task;
                throw new InvalidDataException();
            },
            NoLease).AsTask();
        await _started.Task.WaitAsync(HybridNode.Deadline);
        var single = node.Cache.GetOrCreateAsync("a", _ => new ValueTask<string>("own"), NoLease).AsTask();
        _go.SetResult();

        await Assert.ThrowsAsync<InvalidDataException>(() => batch);
        await Assert.ThrowsAsync<InvalidDataException>(() => single.WaitAsync(HybridNode.Deadline));
    }

    [Fact]
    public async Task MutableValues_OfABatch_AreNotSharedWithWhoJoined()
    {
        await using var node = await OpenAsync();
        var batch = node.Cache.GetOrCreateManyAsync<List<string>>(
            ["a"],
            async (_, _) =>
            {
                _started.SetResult();
                await _go.Task;
                return new Dictionary<string, List<string>> { ["a"] = ["x"] };
            },
            NoLease).AsTask();
        await _started.Task.WaitAsync(HybridNode.Deadline);
        var single = node.Cache.GetOrCreateAsync("a", _ => new ValueTask<List<string>>([]), NoLease).AsTask();
        _go.SetResult();

        var (made, joined) = ((await batch)["a"], await single);
        Assert.Equal(made, joined);
        Assert.NotSame(made, joined);
    }

    [Fact]
    public async Task Batch_WithoutFactory_HasOnlyWhatIsThere()
    {
        await using var node = await OpenAsync();
        await node.Cache.SetAsync("a", "there");

        var all = await node.Cache.GetOrCreateManyAsync(["a", "b", " "], (keys, _) => Made(keys), new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData });

        Assert.Equal(["a"], all.Keys);
        Assert.Equal(0, _made);
    }

    [Fact]
    public async Task KeyThatCannotBeUsed_IsMadeAndNotKept()
    {
        await using var node = await OpenAsync();
        for (var i = 0; i < 2; i++)
        {
            var all = await node.Cache.GetOrCreateManyAsync(["a", " "], (keys, _) => Made(keys));
            Assert.Equal("of  ", all[" "]);
            Assert.Equal("of a", all["a"]);
        }

        Assert.Equal(3, _made);
    }

    [Fact]
    public async Task FactoryThatFails_WhileRedisHangs_TellsItsCallersAtOnce_AndGivesAllLeasesBack()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var node = await OpenPatientAsync(server);
        var batch = node.Cache.GetOrCreateManyAsync<string>(
            Enumerable.Range(0, 100).Select(static i => $"key-{i}"),
            async (_, _) =>
            {
                await HoldWritesAsync(server);
                throw new InvalidDataException();
            }).AsTask();

        await Assert.ThrowsAsync<InvalidDataException>(() => batch.WaitAsync(HybridNode.Deadline));
        await ReleaseWritesAsync(server);
        await Poll.UntilAsync("no lease is left", HybridNode.Deadline, async () => (await server.ExecuteAsync("KEYS", "__prima_lease__*")).Items.Count == 0);
    }

    [Theory, MemberData(nameof(Leases))]
    public async Task Batch_WhileRedisHangs_IsReturned_JoinedUntilItIsKept_AndKept(HybridCacheEntryOptions options)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var node = await OpenPatientAsync(server);
        var batch = node.Cache.GetOrCreateManyAsync(
            ["a", "b"],
            async (keys, _) =>
            {
                await HoldWritesAsync(server);
                return await Made(keys);
            },
            options).AsTask();

        Assert.Equal(2, (await batch.WaitAsync(HybridNode.Deadline)).Count);
        Assert.Equal("of a", await node.Cache.GetOrCreateAsync("a", _ => new ValueTask<string>("not wanted"), options).AsTask().WaitAsync(HybridNode.Deadline));
        Assert.Equal("of b", (await node.Cache.GetOrCreateManyAsync(["b"], (keys, _) => Made(keys), options).AsTask().WaitAsync(HybridNode.Deadline))["b"]);
        Assert.Equal(2, _made);

        await ReleaseWritesAsync(server);
        await using var other = await HybridNode.OpenAsync(server.Configuration, _instance);
        await Poll.UntilAsync("both are kept", HybridNode.Deadline, async () => (await other.Cache.GetManyAsync<string>(["a", "b"])).Count == 2);
    }

    [Fact]
    public async Task ValueThatCannotBeSerialized_LeavesTheOthersToBeKept()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var node = await OpenPatientAsync(server);
        var batch = node.Cache.GetOrCreateManyAsync<object>(
            ["a", "endless"],
            async (_, _) =>
            {
                await HoldWritesAsync(server);
                return new Dictionary<string, object> { ["a"] = "made", ["endless"] = new PrimaHybridCacheTests.Endless() };
            }).AsTask();

        await Assert.ThrowsAsync<JsonException>(() => batch.WaitAsync(HybridNode.Deadline));
        Assert.Equal("made", $"{await node.Cache.GetOrCreateAsync("a", _ => new ValueTask<object>("not wanted")).AsTask().WaitAsync(HybridNode.Deadline)}");
        await ReleaseWritesAsync(server);
    }

    [Fact]
    public async Task GetMany_OfEntriesWithTagsThatTheNodeDoesNotKnow_AsksForAllTagsAtOnce()
    {
        var server = await SharedServers.GetProcessAsync();
        string[] keys = [.. Enumerable.Range(0, 100).Select(static i => $"key-{i}")];
        await SetTaggedAsync(server, keys);
        await using var fresh = await HybridNode.OpenAsync(server.Configuration, _instance, configureRedis: static options => options.Layout = EntryLayout.String);
        await using var log = await CommandLog.StartAsync(server);

        Assert.Equal(100, (await fresh.Cache.GetManyAsync<string>(keys)).Count);

        var asked = (await log.ReadAsync()).Where(command => command.Arguments.Any(argument => argument.StartsWith(_instance + "__MSFT_HCT__", StringComparison.Ordinal))).ToList();
        Assert.InRange(asked.Count, 1, 4);
    }

    [Fact]
    public async Task GetMany_OfEntriesWithMoreTagsThanTheNodeRemembers_FindsThemAll()
    {
        var server = await SharedServers.GetProcessAsync();
        string[] keys = [.. Enumerable.Range(0, 100).Select(static i => $"key-{i}")];
        await SetTaggedAsync(server, keys);
        await using var fresh = await HybridNode.OpenAsync(server.Configuration, _instance, static options => options.MaximumTags = 16);

        Assert.Equal(100, (await fresh.Cache.GetManyAsync<string>(keys)).Count);
    }

    private async ValueTask<string> MakeAsync(CancellationToken token)
    {
        Interlocked.Increment(ref _made);
        _started.SetResult();
        await _go.Task;
        return "made";
    }

    private async ValueTask<IReadOnlyDictionary<string, string>> MakeManyAsync(IReadOnlyList<string> keys, CancellationToken token)
    {
        _started.TrySetResult();
        await _go.Task;
        return await Made(keys);
    }

    private ValueTask<IReadOnlyDictionary<string, string>> Made(IReadOnlyList<string> keys)
    {
        Interlocked.Add(ref _made, keys.Count);
        return new(keys.ToDictionary(static key => key, static key => "of " + key));
    }

    private async Task SetTaggedAsync(IRedisServer server, string[] keys)
    {
        await using var writer = await HybridNode.OpenAsync(server.Configuration, _instance, configureRedis: static options => options.Layout = EntryLayout.String);

        // So that all have a stamp: where there is none, Redis is asked for each whether it is there in the other layout.
        await writer.Cache.RemoveByTagAsync(["ward", .. keys.Select(static key => "of " + key)]);
        await Task.WhenAll(keys.Select(key => writer.Cache.SetAsync(key, "set", tags: ["ward", "of " + key]).AsTask()));
        await writer.VerifiedAsync();
    }

    // Scripts and writes wait; invalidations come in, so that what is under way stays current.
    private static Task HoldWritesAsync(RedisProcess server) => server.ExecuteAsync("CLIENT", "PAUSE", "600000", "WRITE");

    private static Task ReleaseWritesAsync(RedisProcess server) => server.ExecuteAsync("CLIENT", "UNPAUSE");

    private Task<HybridNode> OpenPatientAsync(RedisProcess server) =>
        HybridNode.OpenAsync(server.Configuration, _instance, static options => options.LeaseDuration = TimeSpan.FromMinutes(5), static options =>
        {
            options.FailureMode = FailureMode.Throw;
            options.CommandTimeout = TimeSpan.FromMinutes(1);
        });

    private async Task<HybridNode> OpenAsync() => await HybridNode.OpenAsync((await SharedServers.GetProcessAsync()).Configuration, _instance);
}
