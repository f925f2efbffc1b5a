using Prima.Extensions.Caching.Redis.Hybrid.Tags;
using Prima.Extensions.Caching.Redis.TestServers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid;

/// <summary>What the removal of a tag leaves in Redis.</summary>
public sealed class TagStampTests
{
    private const string Tag = "ward";

    private static readonly string StampKey = TagTable.KeyOf(Tag);

    private readonly string _instance = Guid.NewGuid().ToString("N") + ":";

    public static TheoryData<EntryLayout, byte[]> NoLaterStamps => new MatrixTheoryData<EntryLayout, byte[]>(
        [EntryLayout.Hash, EntryLayout.String],
        [Bytes(42), [], [1, 2, 3], Enumerable.Repeat((byte)0xFF, 9).ToArray(), Bytes(-1)]);

    [Theory, InlineData(EntryLayout.Hash), InlineData(EntryLayout.String)]
    public async Task RemoveByTag_WhereALaterStampStands_LeavesIt(EntryLayout layout)
    {
        await using var node = Open((await SharedServers.GetProcessAsync()).Configuration, layout);
        var later = TimeProvider.System.GetUtcNow().AddHours(1).Ticks;
        await node.Redis.SetAsync(StampKey, Bytes(later), new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromDays(1000) });

        await node.Cache.RemoveByTagAsync([Tag, "other"]);

        Assert.Equal(later, await StampAsync(node, StampKey));
        Assert.InRange(await StampAsync(node, TagTable.KeyOf("other")), 1, later - 1);
    }

    [Theory, InlineData(EntryLayout.Hash, EntryLayout.String), InlineData(EntryLayout.String, EntryLayout.Hash)]
    public async Task Stamps_OfBothLayouts_TheLaterStands(EntryLayout layout, EntryLayout changed)
    {
        var server = await SharedServers.GetProcessAsync();
        await using var node = Open(server.Configuration, layout);
        await using var other = Open(server.Configuration, changed);

        Assert.Equal(1000, await RaiseAsync(node, Tag, 1000));
        Assert.Equal(2000, await RaiseAsync(other, Tag, 2000));
        Assert.Equal(2000, await RaiseAsync(node, Tag, 1500));
        Assert.Equal(3000, await RaiseAsync(node, Tag, 3000));
    }

    [Theory, InlineData(EntryLayout.Hash), InlineData(EntryLayout.String)]
    public async Task Stamps_OneThatDiffersInAnyByte_TheLaterStands(EntryLayout layout)
    {
        await using var node = Open((await SharedServers.GetProcessAsync()).Configuration, layout);
        for (var bit = 0; bit < 62; bit += 7)
        {
            // All lower bytes are greater in the earlier one.
            var later = (1L << 62) | (1L << bit);
            var earlier = later - 1;

            Assert.Equal(later, await RaiseAsync(node, $"up {bit}", earlier, later));
            Assert.Equal(later, await RaiseAsync(node, $"down {bit}", later, earlier));
            Assert.Equal(later, await RaiseAsync(node, $"same {bit}", later, later));
        }
    }

    [Theory, MemberData(nameof(NoLaterStamps))]
    public async Task RemoveByTag_WhereNoLaterStampStands_WritesAsAnyEntryIsWritten(EntryLayout layout, byte[] before)
    {
        var server = await SharedServers.GetProcessAsync();
        await using var node = Open(server.Configuration, layout);
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        await node.Redis.SetAsync(StampKey, before, new());

        await node.Cache.RemoveByTagAsync(Tag);

        await AssertIsAnEntryAsync(node, client.GetDatabase(), layout);
    }

    [Theory, InlineData(EntryLayout.Hash), InlineData(EntryLayout.String)]
    public async Task RemoveByTag_WhereSomethingForeignStands_ReplacesIt(EntryLayout layout)
    {
        var server = await SharedServers.GetProcessAsync();
        await using var node = Open(server.Configuration, layout);
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        var redis = client.GetDatabase();
        RedisKey key = _instance + StampKey;

        await redis.ListRightPushAsync(key, "foreign");
        await node.Cache.RemoveByTagAsync(Tag);
        await AssertIsAnEntryAsync(node, redis, layout);

        await redis.KeyDeleteAsync(key);
        await redis.StringSetAsync(key, Bytes(TimeProvider.System.GetUtcNow().AddHours(1).Ticks));
        await node.Cache.RemoveByTagAsync(Tag);
        await AssertIsAnEntryAsync(node, redis, layout);
    }

    [Theory, InlineData(EntryLayout.Hash), InlineData(EntryLayout.String)]
    public async Task RemoveByTag_WithoutTheRightToScripts_Writes(EntryLayout layout)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var node = Open(await server.SetUserAsync("app", "secret", "~*", "+@all", "-@scripting"), layout);
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.Configuration);

        await node.Cache.RemoveByTagAsync(Tag);
        await AssertIsAnEntryAsync(node, client.GetDatabase(), layout);
    }

    [Theory, InlineData("-multi"), InlineData("-hset")]
    public async Task RemoveByTag_WithoutTheRightToScripts_WhereTheTransactionIsRefusedToo_LeavesTheStampThatStands(string missing)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var before = Open(server.Configuration, EntryLayout.Hash);
        await before.Cache.RemoveByTagAsync(Tag);
        var stamp = await StampAsync(before, StampKey);
        await using var node = Open(await server.SetUserAsync("app", "secret", "~*", "+@all", "-@scripting", missing), EntryLayout.Hash);

        await Assert.ThrowsAnyAsync<RedisException>(() => node.Cache.RemoveByTagAsync(Tag).AsTask());

        Assert.Equal(stamp, await StampAsync(before, StampKey));
    }

    [Fact]
    public async Task RemoveByTag_WithoutTheRightToATtl_WritesWithoutOne()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var node = Open(await server.SetUserAsync("app", "secret", "~*", "+@all", "-pexpire"), EntryLayout.Hash);
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.Configuration);

        await node.Cache.RemoveByTagAsync(Tag);

        Assert.NotEqual(0, await StampAsync(node, StampKey));
        Assert.Null(await client.GetDatabase().KeyTimeToLiveAsync(_instance + StampKey));
    }

    [Theory, InlineData(EntryLayout.Hash), InlineData(EntryLayout.String)]
    public async Task RemoveByTag_ManyTagsOnACluster_StampsAll(EntryLayout layout)
    {
        await using var node = Open((await SharedServers.GetClusterAsync()).Configuration, layout);
        var tags = Enumerable.Range(0, 1500).Select(static i => $"tag {i}").ToList();

        await node.Cache.RemoveByTagAsync(tags);

        var stamps = await node.Redis.GetManyArraysAsync(tags.Select(TagTable.KeyOf));
        var stamp = Assert.Single(stamps.Values.Select(static bytes => BitConverter.ToInt64(bytes!)).Distinct());
        Assert.NotEqual(0, stamp);
    }

    [Fact]
    public async Task Entries_UnderKeysOfStamps_AreNeitherWrittenNorRemoved()
    {
        await using var node = Open((await SharedServers.GetProcessAsync()).Configuration, EntryLayout.Hash);
        await node.Cache.RemoveByTagAsync(Tag);
        var stamp = await StampAsync(node, StampKey);

        await node.Cache.SetAsync(StampKey, "value");
        Assert.Equal("made", await node.Cache.GetOrCreateAsync(StampKey, static _ => new ValueTask<string>("made")));
        Assert.Equal("made", (await node.Cache.GetOrCreateManyAsync<string>([StampKey], static (keys, _) => new(new Dictionary<string, string> { [keys[0]] = "made" })))[StampKey]);
        Assert.False((await node.Cache.TryGetAsync<string>(StampKey)).Found);
        await node.Cache.RemoveAsync(StampKey);
        await node.Cache.RemoveAsync([StampKey]);

        Assert.Equal(stamp, await StampAsync(node, StampKey));
    }

    private static byte[] Bytes(long stamp) => BitConverter.GetBytes(stamp);

    private static async Task<long> StampAsync(HybridNode node, string key) => BitConverter.ToInt64((await node.Redis.GetAsync(key))!);

    private static async Task<long> RaiseAsync(HybridNode node, string tag, params long[] stamps)
    {
        var standing = 0L;
        foreach (var stamp in stamps)
        {
            var write = node.Redis.Write(TagTable.KeyOf(tag), new(Bytes(stamp)), new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromDays(1000) });
            standing = await node.Redis.Executor.ExecuteAsync<StampOperation, long>(new(write, node.Redis.Context.Layout, stamp), CancellationToken.None);
        }

        Assert.Equal(standing, await StampAsync(node, TagTable.KeyOf(tag)));
        return standing;
    }

    private async Task AssertIsAnEntryAsync(HybridNode node, IDatabase redis, EntryLayout layout)
    {
        var stamp = await node.Redis.GetAsync(StampKey);
        Assert.InRange(BitConverter.ToInt64(stamp!), 1, long.MaxValue);
        await node.Redis.SetAsync("entry", stamp!, new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromDays(1000) });

        Assert.InRange((await redis.KeyTimeToLiveAsync(_instance + StampKey))!.Value, TimeSpan.FromDays(999), TimeSpan.FromDays(1000));
        Assert.Equal(await ContentAsync("entry"), await ContentAsync(StampKey));

        // Both without when they end, which differs by the time between them.
        async Task<string[]> ContentAsync(string key)
        {
            if (layout == EntryLayout.String)
            {
                byte[] content = (await redis.StringGetAsync(_instance + key))!;
                return [Convert.ToHexString(content.AsSpan(0, 4)), Convert.ToHexString(content.AsSpan(content.Length - 8)), $"{content.Length}"];
            }

            var fields = await redis.HashGetAllAsync(_instance + key);
            return [.. fields.Select(static field => field.Name == "absexp" ? $"absexp: {((byte[])field.Value!).Length}" : $"{field.Name}: {Convert.ToHexString((byte[])field.Value!)}").Order()];
        }
    }

    private HybridNode Open(string configuration, EntryLayout layout) => HybridNode.Open(configuration, _instance, configureRedis: options =>
    {
        options.Layout = layout;
        options.FailureMode = FailureMode.Throw;
    });
}
