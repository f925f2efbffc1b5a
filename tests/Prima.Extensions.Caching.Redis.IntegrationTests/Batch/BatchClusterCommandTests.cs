using System.Globalization;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Observation;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>Which commands a batch costs on a cluster: no command crosses slots, and keys of one slot share one.</summary>
public sealed class BatchClusterCommandTests
{
    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task AnyBatch_KeysOfManySlots_NoCommandCrossesSlots(EntryLayout layout)
    {
        await using var client = await ConnectAsync();
        await using var cache = await CreateAsync(layout);

        // A node that does not know a script yet is asked twice for each key, once in its life. For several keys of a slot there is another script.
        await EveryOperationAsync(cache, [.. BatchData.Keys(100), .. BatchData.Keys(2, "{a}" + BatchData.NewKey()), .. BatchData.Keys(2, "{b}" + BatchData.NewKey())]);

        // Some slots have one key, some have several.
        string[] keys = [.. BatchData.Keys(100), .. BatchData.Keys(50, "{a}" + BatchData.NewKey()), .. BatchData.Keys(50, "{b}" + BatchData.NewKey())];
        var sent = await SentAsync(keys, () => EveryOperationAsync(cache, keys));

        Assert.All(sent, command => Assert.Single(KeysIn(command, keys).Select(key => client.HashSlot(key)).Distinct()));
        Assert.All(keys, key => Assert.Equal(4, sent.Count(command => command.Arguments.Contains(key))));
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task AnyBatch_KeysOfManySlots_IsNeverRedirected(EntryLayout layout)
    {
        await using var cache = await CreateAsync(layout);
        var keys = BatchData.Keys(100);
        await EveryOperationAsync(cache, BatchData.Keys(100));

        var sent = await SentAsync(keys, () => EveryOperationAsync(cache, keys));

        // A script that one of the nodes does not know yet is not what this is about.
        Assert.Equal(4 * 100, sent.Where(static command => command.Name != "EVAL").Sum(command => KeysIn(command, keys).Count()));
    }

    [Theory]
    [InlineData(EntryLayout.Hash, "EVALSHA 1 50", "HMGET 50 1", "EVALSHA 50 1", "UNLINK 1 50")]
    [InlineData(EntryLayout.String, "SET 50 1", "MGET 1 50", "GETRANGE 50 1", "UNLINK 1 50")]
    public async Task AnyBatch_KeysOfOneHashtag_ShareACommandWhereThereIsOneForSeveral(EntryLayout layout, string set, string get, string refresh, string remove)
    {
        await using var cache = await CreateAsync(layout);
        var tag = $"{{{BatchData.NewKey()}}}";
        await EveryOperationAsync(cache, BatchData.Keys(50, tag + "warm"));
        var keys = BatchData.Keys(50, tag);

        foreach (var (expected, operation) in new (string, Func<Task>)[]
        {
            (set, () => cache.SetManyAsync(BatchData.Entries(keys))),
            (get, async () => (await cache.GetManyAsync(keys)).Dispose()),
            (refresh, () => cache.RefreshManyAsync(keys)),
            (remove, () => cache.RemoveManyAsync(keys)),
        })
        {
            var sent = await SentAsync(keys, operation);

            Assert.Equal(expected, Assert.Single(sent.GroupBy(static command => command.Name).Select(group =>
                string.Create(CultureInfo.InvariantCulture, $"{group.Key} {group.Count()} {group.Max(command => KeysIn(command, keys).Count())}"))));
        }
    }

    private static async Task EveryOperationAsync(PrimaRedisCache cache, string[] keys)
    {
        Assert.Equal(BatchOutcome.Stored.Each(keys.Length), (await cache.SetManyAsync(BatchData.Entries(keys))).Outcomes);
        Assert.Equal(BatchOutcome.Hit.Each(keys.Length), (await cache.GetManyArraysAsync(keys)).Outcomes);
        Assert.Equal(BatchOutcome.Refreshed.Each(keys.Length), (await cache.RefreshManyAsync(keys)).Outcomes);
        Assert.Equal(BatchOutcome.Removed.Each(keys.Length), (await cache.RemoveManyAsync(keys)).Outcomes);
    }

    private static IEnumerable<string> KeysIn(LoggedCommand command, string[] keys) => command.Arguments.Where(keys.Contains);

    private static async Task<List<LoggedCommand>> SentAsync(string[] keys, Func<Task> operation)
    {
        // Not the replicas: they get every write again, from their primary.
        await using var log = await CommandLog.StartAsync([.. await (await SharedServers.GetClusterAsync()).PrimariesAsync()]);
        await operation();
        return [.. (await log.ReadAsync()).Where(command => !command.IsFromScript && KeysIn(command, keys).Any())];
    }

    private static async Task<ConnectionMultiplexer> ConnectAsync() => await ConnectionMultiplexer.ConnectAsync((await SharedServers.GetClusterAsync()).Configuration);

    private static async Task<PrimaRedisCache> CreateAsync(EntryLayout layout) => new(new PrimaRedisCacheOptions
    {
        Configuration = (await SharedServers.GetClusterAsync()).Configuration,
        Layout = layout,
        FailureMode = FailureMode.Throw,
    });
}
