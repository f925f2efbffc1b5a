using System.Buffers;
using System.ComponentModel;
using System.Text;
using MessagePack;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Prima.Extensions.Caching.Redis.TestServers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid;

/// <summary>Who gets an instance of his own: of mutable types everybody, whichever way the value came.</summary>
public sealed class HybridIsolationTests
{
    private static readonly HybridCacheEntryOptions OnlyLocal = new() { Flags = HybridCacheEntryFlags.DisableDistributedCache };
    private static readonly HybridCacheEntryOptions Nowhere = new() { Flags = HybridCacheEntryFlags.DisableDistributedCache | HybridCacheEntryFlags.DisableLocalCache };

    private readonly string _instance = Guid.NewGuid().ToString("N") + ":";

    [Fact]
    public async Task MutableValue_IsAnotherForEachReader()
    {
        await using var node = await OpenAsync();
        var set = new Chart { Name = "set" };
        await node.Cache.SetAsync("key", set);
        await node.VerifiedAsync();
        var first = await GetAsync<Chart>(node, OnlyLocal);
        first!.Name = "changed";
        set.Name = "changed";
        await node.Cache.RemoveLocalAsync("key");
        var read = await GetAsync<Chart>(node);
        read!.Name = "changed";
        var many = (await node.Cache.GetManyAsync<Chart>(["key"]))["key"];

        Assert.Equal("set", (await GetAsync<Chart>(node, OnlyLocal))!.Name);
        Assert.Equal("set", many.Name);
        Assert.Equal(4, new[] { set, first, read, many }.Distinct(ReferenceEqualityComparer.Instance).Count());
    }

    [Fact]
    public async Task MutableValue_ReadOften_IsAnotherForEachReader_WithTheSameStrings()
    {
        await using var node = await OpenAsync();
        await node.Cache.SetAsync("key", new Letter { Name = "Jané", Notes = ["one", "two"] });
        await node.VerifiedAsync();
        var letters = new List<Letter>();
        for (var i = 0; i < 30; i++)
        {
            letters.Add((await GetAsync<Letter>(node, OnlyLocal))!);
            Assert.Equal(("Jané", "one", "two"), (letters[i].Name, letters[i].Notes[0], letters[i].Notes[1]));
            letters[i].Name = "changed";
            letters[i].Notes[0] = "changed";
        }

        var last = await GetAsync<Letter>(node, OnlyLocal);
        var other = await Task.Run(async () => await GetAsync<Letter>(node, OnlyLocal));
        Assert.Equal("Jané", last!.Name);
        Assert.Same(last.Name, other!.Name);
        Assert.Same(last.Notes[1], other.Notes[1]);
        Assert.NotSame(last.Notes, other.Notes);
    }

    [Fact]
    public async Task ImmutableValue_IsTheSameForEachReader()
    {
        await using var node = await OpenAsync();
        var set = new Plate("set");
        await node.Cache.SetAsync("key", set);
        await node.VerifiedAsync();

        Assert.Same(set, await GetAsync<Plate>(node, OnlyLocal));
        Assert.Same(set, (await node.Cache.GetManyAsync<Plate>(["key"], OnlyLocal))["key"]);

        // The announcement of the write above may come in yet, and keeps out what is being read then.
        Plate? read = null;
        await Poll.UntilAsync("what was read is held", TimeSpan.FromSeconds(20), async () =>
        {
            await node.Cache.RemoveLocalAsync("key");
            read = await GetAsync<Plate>(node);
            return await GetAsync<Plate>(node, OnlyLocal) is not null;
        });
        Assert.NotSame(set, read);
        Assert.Same(read, await GetAsync<Plate>(node, OnlyLocal));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Joined_OfAMutableType_GetsACopy_KeptOrNot(bool isKept)
    {
        await using var node = await OpenAsync();
        var go = new TaskCompletionSource();
        async ValueTask<Chart> MakeAsync(CancellationToken token)
        {
            await go.Task;
            return new Chart { Name = "made" };
        }

        var calls = Enumerable.Range(0, 3).Select(_ => node.Cache.GetOrCreateAsync("key", MakeAsync, isKept ? null : Nowhere).AsTask()).ToArray();
        go.SetResult();
        var charts = await Task.WhenAll(calls);

        Assert.All(charts, static chart => Assert.Equal("made", chart.Name));
        Assert.Equal(3, charts.Distinct(ReferenceEqualityComparer.Instance).Count());
    }

    [Fact]
    public async Task Joined_OfAMutableTypeThatIsTooLargeToBeCopied_GetsItsOwn()
    {
        await using var node = await HybridNode.OpenAsync(
            (await SharedServers.GetProcessAsync()).Configuration, _instance, static options => options.MaximumLocalBytes = 1 << 20, configureHybrid: static options => options.MaximumPayloadBytes = 100);
        var go = new TaskCompletionSource();
        var made = 0;
        async ValueTask<Chart> MakeAsync(CancellationToken token)
        {
            Interlocked.Increment(ref made);
            await go.Task;
            return new Chart { Name = new('x', 1 << 18) };
        }

        var calls = Enumerable.Range(0, 3).Select(_ => node.Cache.GetOrCreateAsync("key", MakeAsync).AsTask()).ToArray();
        await Poll.UntilAsync("the value is being made", HybridNode.Deadline, () => made > 0);
        go.SetResult();
        var charts = await Task.WhenAll(calls);

        Assert.Equal(3, charts.Distinct(ReferenceEqualityComparer.Instance).Count());
    }

    [Fact]
    public async Task ValueThatIsTooLarge_OfASerializerThatWrapsExceptions_IsReturnedAndNotKept()
    {
        await using var node = await HybridNode.OpenAsync(
            (await SharedServers.GetProcessAsync()).Configuration, _instance, static options => options.MaximumLocalBytes = 1 << 16, configureHybrid: static options => options.MaximumPayloadBytes = 100,
            build: static builder => builder.AddSerializerFactory(new MessagePackHybridCacheSerializerFactory()));
        var large = new Chart { Name = new('x', 1 << 20) };
        await node.Cache.SetAsync("key", new Chart { Name = "small" });

        Assert.Same(large, await node.Cache.GetOrCreateAsync("other", _ => new ValueTask<Chart>(large)));
        await node.Cache.SetAsync("key", large);

        Assert.False((await node.Cache.TryGetAsync<Chart>("key")).Found);
        Assert.False((await node.Cache.TryGetAsync<Chart>("other")).Found);
    }

    [Fact]
    public async Task ValueAboveTheLimitOfTheCacheBelow_IsNotWritten()
    {
        await using var node = await HybridNode.OpenAsync(
            (await SharedServers.GetProcessAsync()).Configuration, _instance, configureRedis: static options => (options.MaximumValueBytes, options.FailureMode) = (1024, FailureMode.Throw));

        await Assert.ThrowsAnyAsync<RedisException>(() => node.Cache.SetAsync("key", new string('x', 5000)).AsTask());
        Assert.Equal(5000, (await node.Cache.GetOrCreateAsync("other", static _ => new ValueTask<string>(new string('x', 5000)))).Length);

        Assert.Null(await node.Redis.GetAsync("key"));
        Assert.Null(await node.Redis.GetAsync("other"));
    }

    [Fact]
    public async Task Joined_OfAnImmutableType_SharesTheCallAsWell()
    {
        await using var node = await OpenAsync();
        var go = new TaskCompletionSource<Plate>();

        var one = node.Cache.GetOrCreateAsync("key", _ => new ValueTask<Plate>(go.Task)).AsTask();
        var two = node.Cache.GetOrCreateAsync("key", _ => new ValueTask<Plate>(go.Task)).AsTask();
        go.SetResult(new("made"));

        Assert.Same(one, two);
        await one;
    }

    [Fact]
    public async Task ValueThatIsNotKept_IsNotGivenToWhoComesLater()
    {
        await using var node = await OpenAsync();
        for (var i = 0; i < 200; i++)
        {
            var number = i;
            Assert.Equal(number, await node.Cache.GetOrCreateAsync("key", async _ =>
            {
                await Task.Yield();
                return number;
            }, Nowhere));
        }
    }

    [Fact]
    public async Task ValueThatCannotBeReadBack_IsMadeForEachCall_AndNobodyGetsAnException()
    {
        await using var node = await OpenAsync(builder => builder.AddSerializer<Chart, OneWaySerializer>());
        var go = new TaskCompletionSource();
        async ValueTask<Chart> MakeAsync(CancellationToken token)
        {
            await go.Task;
            return new Chart { Name = "made" };
        }

        var calls = Enumerable.Range(0, 3).Select(_ => node.Cache.GetOrCreateAsync("key", MakeAsync).AsTask()).ToArray();
        go.SetResult();

        Assert.All(await Task.WhenAll(calls), static chart => Assert.Equal("made", chart.Name));
        Assert.Equal("made", (await node.Cache.GetOrCreateAsync("key", MakeAsync)).Name);
        Assert.False((await node.Cache.TryGetAsync<Chart>("key")).Found);
        Assert.Empty(await node.Cache.GetManyAsync<Chart>(["key"]));
        Assert.Equal("made", (await node.Cache.GetOrCreateManyAsync(
            ["key"], (keys, _) => new ValueTask<IReadOnlyDictionary<string, Chart>>(keys.ToDictionary(static key => key, static _ => new Chart { Name = "made" }))))["key"].Name);
    }

    [Fact]
    public async Task ValueThatCannotBeReadBack_OfACallWhoseFillIsUnderWay_IsMadeByABatchItself()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var node = await HybridNode.OpenAsync(
            server.Configuration, _instance, configureRedis: static options => (options.FailureMode, options.CommandTimeout) = (FailureMode.Throw, TimeSpan.FromMinutes(1)),
            build: static builder => builder.AddSerializer<Chart, OneWaySerializer>());
        var single = node.Cache.GetOrCreateAsync("key", async _ =>
        {
            await server.ExecuteAsync("CLIENT", "PAUSE", "600000", "WRITE");
            return new Chart { Name = "made" };
        }).AsTask();
        Assert.Equal("made", (await single.WaitAsync(HybridNode.Deadline)).Name);

        var batch = Task.Run(async () => await node.Cache.GetOrCreateManyAsync<Chart>(["key"], static (_, _) => new(new Dictionary<string, Chart> { ["key"] = new() { Name = "own" } })));

        Assert.Equal("own", (await batch.WaitAsync(HybridNode.Deadline))["key"].Name);
        await server.ExecuteAsync("CLIENT", "UNPAUSE");
    }

    private static async ValueTask<T?> GetAsync<T>(HybridNode node, HybridCacheEntryOptions? options = null) => (await node.Cache.TryGetAsync<T>("key", options)).Value;

    private async Task<HybridNode> OpenAsync(Action<IHybridCacheBuilder>? build = null) =>
        await HybridNode.OpenAsync((await SharedServers.GetProcessAsync()).Configuration, _instance, build: build);

    public sealed class Chart
    {
        public string? Name { get; set; }
    }

    [MessagePackObject(keyAsPropertyName: true)]
    public sealed class Letter
    {
        public string Name { get; set; } = "";

        public List<string> Notes { get; set; } = [];
    }

    [ImmutableObject(true)]
    public sealed record Plate(string Name);

    private sealed class OneWaySerializer : IHybridCacheSerializer<Chart>
    {
        public Chart Deserialize(ReadOnlySequence<byte> source) => throw new InvalidDataException();

        public void Serialize(Chart value, IBufferWriter<byte> target) => target.Write(Encoding.UTF8.GetBytes(value.Name!));
    }
}
