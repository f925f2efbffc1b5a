using Microsoft.Extensions.Caching.Distributed;
using Prima.Extensions.Caching.Redis.Hybrid.Leases;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Observation;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid.Leases;

/// <summary>One node makes a missing entry, the others are woken, and what was set or removed meanwhile stays.</summary>
public sealed class LeaseDeskTests
{
    private static string NewKey => Guid.NewGuid().ToString("N");

    [Theory, InlineData(EntryLayout.Hash), InlineData(EntryLayout.String)]
    public async Task Fill_UnderALease_IsWritten_AndWakesTheOthers(EntryLayout layout)
    {
        var (holder, waiter, key) = await TwoNodesAsync(layout);
        await using var first = holder;
        await using var second = waiter;
        var held = await holder.HoldAsync(key);
        var busy = await waiter.TakeAsync(key);
        Assert.Equal(LeaseState.Busy, busy.State);
        var waiting = waiter.Desk.WaitAsync(busy, CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);

        Assert.Equal(FillResult.Written, await holder.FillAsync(held, "made"));
        await waiting.WaitAsync(LeaseNode.Deadline);
        Assert.Equal("made", await waiter.GetAsync(key));
        Assert.Equal(0, waiter.Desk.WaitingCount);
    }

    [Theory, InlineData(EntryLayout.Hash), InlineData(EntryLayout.String)]
    public async Task Fill_WritesTheSameAsSet(EntryLayout layout)
    {
        var server = await SharedServers.GetProcessAsync();
        await using var node = await LeaseNode.OpenAsync(server.Configuration, layout);
        var (filled, set) = (NewKey, NewKey);
        var options = new DistributedCacheEntryOptions { AbsoluteExpiration = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero) };
        await node.Cache.SetAsync(set, [1, 2, 3], options);
        Assert.Equal(FillResult.Written, await node.Desk.FillAsync(await node.HoldAsync(filled), new(new byte[] { 1, 2, 3 }), options, CancellationToken.None));

        Assert.Equal((await server.ExecuteAsync("DUMP", "lease:" + set)).Text, (await server.ExecuteAsync("DUMP", "lease:" + filled)).Text);
        Assert.True((await server.ExecuteAsync("PTTL", "lease:" + filled)).Number > 0);
        await node.Desk.SetAsync(filled, new(new byte[] { 1, 2, 3 }), new(), CancellationToken.None);
        Assert.Equal(-1, (await server.ExecuteAsync("PTTL", "lease:" + filled)).Number);
    }

    [Theory, InlineData(EntryLayout.Hash), InlineData(EntryLayout.String)]
    public async Task Set_DuringTheMaking_RefusesTheFill_AndWakesTheOthers(EntryLayout layout)
    {
        var (holder, other, key) = await TwoNodesAsync(layout);
        await using var first = holder;
        await using var second = other;
        var held = await holder.HoldAsync(key);
        var busy = await other.TakeAsync(key);

        await other.SetAsync(key, "new");
        await other.Desk.WaitAsync(busy, CancellationToken.None).AsTask().WaitAsync(LeaseNode.Deadline);
        Assert.Equal(FillResult.Refused, await holder.FillAsync(held, "old"));
        Assert.Equal("new", await holder.GetAsync(key));
    }

    // A transaction, or the script where there are none. The client selects its database again after a script.
    [Theory]
    [InlineData(EntryLayout.Hash, true, "MULTI", "UNLINK", "HSET", "PEXPIRE", "EVAL", "SELECT", "EXEC")]
    [InlineData(EntryLayout.String, true, "MULTI", "SET", "EVAL", "SELECT", "EXEC")]
    [InlineData(EntryLayout.Hash, false, "EVALSHA")]
    [InlineData(EntryLayout.String, false, "EVALSHA")]
    public async Task SetOfALargeValue_DuringTheMaking_RefusesTheFill_AndWakesTheOthers(EntryLayout layout, bool hasTransactions, params string[] expected)
    {
        await using var server = await RedisServers.StartProcessAsync();
        var configuration = await server.SetUserAsync("cache", "secret", "~*", "&*", "+@all", hasTransactions ? "+multi" : "-multi");
        await using var holder = await LeaseNode.OpenAsync(configuration, layout);
        await using var other = await LeaseNode.OpenAsync(configuration, layout);
        var (first, second) = (new string('1', 20_000), new string('2', 20_000));
        foreach (var large in (string[])[first, second])
        {
            var held = await holder.HoldAsync("k");
            var busy = await other.TakeAsync("k");
            await using var log = await CommandLog.StartAsync(server);
            await other.SetAsync("k", large);
            var sent = (await log.ReadAsync()).Where(static command => !command.IsFromScript).Select(static command => command.Name);
            await other.Desk.WaitAsync(busy, CancellationToken.None).AsTask().WaitAsync(LeaseNode.Deadline);

            Assert.Equal(FillResult.Refused, await holder.FillAsync(held, "old"));
            Assert.Equal(large, await holder.GetAsync("k"));
            Assert.True((await server.ExecuteAsync("PTTL", "lease:k")).Number > 0);
            if (large == second)
            {
                Assert.Equal(expected, sent);
            }

            await holder.RemoveAsync("k");
        }
    }

    [Theory, InlineData(EntryLayout.Hash), InlineData(EntryLayout.String)]
    public async Task Remove_DuringTheMaking_RefusesTheFill(EntryLayout layout)
    {
        var (holder, other, key) = await TwoNodesAsync(layout);
        await using var first = holder;
        await using var second = other;
        var held = await holder.HoldAsync(key);

        await other.RemoveAsync(key);
        Assert.Equal(FillResult.Refused, await holder.FillAsync(held, "old"));
        Assert.Null(await holder.GetAsync(key));
        await other.HoldAsync(key);
    }

    [Theory, InlineData(EntryLayout.Hash), InlineData(EntryLayout.String)]
    public async Task ForeignWrite_DuringTheMaking_RefusesTheFill(EntryLayout layout)
    {
        var (holder, foreign, key) = await TwoNodesAsync(layout);
        await using var first = holder;
        await using var second = foreign;
        var held = await holder.HoldAsync(key);

        // Such as a node on Microsoft's provider: it knows nothing of leases.
        await foreign.Cache.SetAsync(key, "foreign"u8.ToArray(), LeaseNode.OneMinute);
        Assert.Equal(FillResult.Refused, await holder.FillAsync(held, "old"));
        Assert.Equal("foreign", await holder.GetAsync(key));
    }

    [Theory, InlineData(EntryLayout.Hash), InlineData(EntryLayout.String)]
    public async Task EntryThatCameMeanwhile_IsToBeReadFirst(EntryLayout layout)
    {
        var server = await SharedServers.GetProcessAsync();
        await using var node = await LeaseNode.OpenAsync(server.Configuration, layout);
        var key = NewKey;
        await node.SetAsync(key, "there");

        Assert.Equal(LeaseState.Changed, (await node.TakeAsync(key)).State);
        Assert.Equal(0, (await server.ExecuteAsync("EXISTS", (string)LeaseKey.Of("lease:"u8, key)!)).Number);
    }

    [Theory, InlineData(EntryLayout.Hash), InlineData(EntryLayout.String)]
    public async Task UnfitEntry_CanBeReplaced_AsLongAsItIsTheSame(EntryLayout layout)
    {
        var server = await SharedServers.GetProcessAsync();
        await using var node = await LeaseNode.OpenAsync(server.Configuration, layout);
        var key = NewKey;
        await node.SetAsync(key, "unfit entry and more");

        Assert.Equal(LeaseState.Changed, (await node.TakeAsync(key, "another")).State);
        var lease = await node.TakeAsync(key, "unfit entry ");
        Assert.Equal(FillResult.Written, await node.FillAsync(lease, "fresh value"));
        var late = await node.TakeAsync(key, "fresh value");
        await node.Cache.SetAsync(key, "foreign"u8.ToArray(), LeaseNode.OneMinute);
        Assert.Equal(FillResult.Refused, await node.FillAsync(late, "late"));
    }

    [Fact]
    public async Task ForeignTypeUnderTheKey_CountsAsNone()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var node = await LeaseNode.OpenAsync(server.Configuration);
        var key = NewKey;
        await server.ExecuteAsync("RPUSH", "lease:" + key, "foreign");

        Assert.Equal(FillResult.Written, await node.FillAsync(await node.HoldAsync(key), "ours"));
        Assert.Equal("ours", await node.GetAsync(key));
    }

    [Fact]
    public async Task SeenAnything_TakesWhateverIsThere()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var node = await LeaseNode.OpenAsync(server.Configuration);
        var key = NewKey;
        await node.SetAsync(key, "there");

        var lease = await node.Desk.TakeAsync(key, LeaseDesk.SeenAnything, CancellationToken.None);
        Assert.Equal(FillResult.Written, await node.FillAsync(lease, "replaced"));
    }

    [Fact]
    public async Task Release_WakesTheOthers_AndTheNextHolds()
    {
        var (holder, waiter, key) = await TwoNodesAsync(EntryLayout.Hash);
        await using var first = holder;
        await using var second = waiter;
        var held = await holder.HoldAsync(key);
        var busy = await waiter.TakeAsync(key);

        await holder.Desk.ReleaseAsync(held);
        await waiter.Desk.WaitAsync(busy, CancellationToken.None).AsTask().WaitAsync(LeaseNode.Deadline);
        await waiter.HoldAsync(key);
        Assert.Equal(FillResult.Refused, await holder.FillAsync(held, "late"));
    }

    [Fact]
    public async Task DeadHolder_IsNoticedByTheLeasesEnd()
    {
        var server = await SharedServers.GetProcessAsync();
        var key = NewKey;
        await using var waiter = await LeaseNode.OpenAsync(server.Configuration, duration: TimeSpan.FromSeconds(1));
        await using (var holder = await LeaseNode.OpenAsync(server.Configuration, duration: TimeSpan.FromSeconds(1)))
        {
            await holder.HoldAsync(key);
        }

        // Disposed with the lease in hand, and its connection closed: nobody renews it.
        var busy = await waiter.TakeAsync(key);
        Assert.Equal(LeaseState.Busy, busy.State);
        await waiter.Desk.WaitAsync(busy, CancellationToken.None).AsTask().WaitAsync(LeaseNode.Deadline);
        await Poll.UntilAsync("the lease ended", LeaseNode.Deadline, async () => (await waiter.TakeAsync(key)).State == LeaseState.Held);
    }

    [Fact]
    public async Task SlowHolder_KeepsItsLease()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var node = await LeaseNode.OpenAsync(server.Configuration, duration: TimeSpan.FromMilliseconds(600));
        var key = NewKey;
        var held = await node.HoldAsync(key);

        var renewed = 0L;
        var lease = (string)LeaseKey.Of("lease:"u8, key)!;
        await using var log = await CommandLog.StartAsync(server);
        await Poll.UntilAsync("the lease was lengthened five times", LeaseNode.Deadline, async () =>
        {
            renewed += (await log.ReadAsync()).Count(command => command.Name == "PEXPIRE" && command.Arguments[0] == lease);
            return renewed >= 5;
        });
        Assert.Equal(FillResult.Written, await node.FillAsync(held, "slow"));
    }

    [Fact]
    public async Task VoidedLease_IsNotLengthened_AndKnowsIt()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var node = await LeaseNode.OpenAsync(server.Configuration, duration: TimeSpan.FromMilliseconds(300));
        var key = NewKey;
        var held = await node.HoldAsync(key);

        await node.RemoveAsync(key);
        await Poll.UntilAsync("the holder knows", LeaseNode.Deadline, () => held.IsVoid);
    }

    [Fact]
    public async Task LostSubscription_WakesThoseWhoWait()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var holder = await LeaseNode.OpenAsync(server.Configuration);
        await using var waiter = await LeaseNode.OpenAsync(server.Configuration);
        await holder.HoldAsync("k");
        var busy = await waiter.TakeAsync("k");

        await server.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await waiter.Desk.WaitAsync(busy, CancellationToken.None).AsTask().WaitAsync(LeaseNode.Deadline);
        await Poll.UntilAsync("the desk is open again", LeaseNode.Deadline, () => waiter.Desk.IsOpen);
    }

    [Fact]
    public async Task LeaseWithoutEnd_GetsOne()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var node = await LeaseNode.OpenAsync(server.Configuration, duration: TimeSpan.FromSeconds(10));
        var name = NewKey;
        string lease = LeaseKey.Of("lease:"u8, name)!;
        await server.ExecuteAsync("SET", lease, new string('x', LeaseScripts.ClaimLength));

        Assert.Equal(LeaseState.Busy, (await node.TakeAsync(name)).State);
        Assert.InRange((await server.ExecuteAsync("PTTL", lease)).Number, 1, 10_000);
    }

    [Fact]
    public async Task Cancellation_EndsTheWait()
    {
        var (holder, waiter, key) = await TwoNodesAsync(EntryLayout.Hash);
        await using var first = holder;
        await using var second = waiter;
        await holder.HoldAsync(key);
        var busy = await waiter.TakeAsync(key);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiter.Desk.WaitAsync(busy, new CancellationToken(canceled: true)));
        Assert.Equal(0, waiter.Desk.WaitingCount);
    }

    [Fact]
    public async Task ClaimWhoseAnswerWasNotWaitedFor_IsGivenBack()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var node = await LeaseNode.OpenAsync(server.Configuration, configure: static options => (options.FailureMode, options.CommandTimeout) = (FailureMode.Throw, TimeSpan.FromMilliseconds(500)));

        // The server learns the scripts.
        await node.Desk.ReleaseAsync(await node.HoldAsync("k"));
        await server.ExecuteAsync("CLIENT", "PAUSE", "600000", "WRITE");
        Assert.Equal(LeaseState.Unavailable, (await node.TakeAsync("k")).State);
        await server.ExecuteAsync("CLIENT", "UNPAUSE");

        await using var other = await LeaseNode.OpenAsync(server.Configuration);
        await Poll.UntilAsync("the key has no holder", LeaseNode.Deadline, async () => (await other.TakeAsync("k")).State == LeaseState.Held);
    }

    [Fact]
    public async Task UnreachableServer_HasNoLeases()
    {
        await using var node = LeaseNode.Start("127.0.0.1:1,connectRetry=1,connectTimeout=500,asyncTimeout=500");

        Assert.Equal(LeaseState.Unavailable, (await node.TakeAsync("k")).State);
    }

    [Fact]
    public async Task Garnet_HasLeases()
    {
        var server = await SharedServers.GetEmbeddedAsync();
        await using var holder = await LeaseNode.OpenAsync(server.Configuration);
        await using var waiter = await LeaseNode.OpenAsync(server.Configuration);
        var key = NewKey;
        var held = await holder.HoldAsync(key);
        var busy = await waiter.TakeAsync(key);
        Assert.Equal(LeaseState.Busy, busy.State);

        Assert.Equal(FillResult.Written, await holder.FillAsync(held, "made"));
        await waiter.Desk.WaitAsync(busy, CancellationToken.None).AsTask().WaitAsync(LeaseNode.Deadline);
        Assert.Equal("made", await waiter.GetAsync(key));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("with{tag}in it")]
    [InlineData("{}empty tag")]
    [InlineData("}before{after")]
    [InlineData("open{only")]
    [InlineData("a{{b}}c")]
    [InlineData("ärzte{ü}")]
    [InlineData("")]
    public async Task AnyKey_OnACluster_HasALease(string name)
    {
        var cluster = await SharedServers.GetClusterAsync();
        var key = name + (name == "{}empty tag" ? NewKey : "");
        await using var holder = await LeaseNode.OpenAsync(cluster.Configuration, instanceName: NewKey);
        await using var waiter = await LeaseNode.OpenAsync(cluster.Configuration, instanceName: System.Text.Encoding.UTF8.GetString(holder.Cache.Context.InstanceName));
        var held = await holder.HoldAsync(key);
        var busy = await waiter.TakeAsync(key);
        Assert.Equal(LeaseState.Busy, busy.State);

        Assert.Equal(FillResult.Written, await holder.FillAsync(held, "made"));
        await waiter.Desk.WaitAsync(busy, CancellationToken.None).AsTask().WaitAsync(LeaseNode.Deadline);
        Assert.Equal("made", await waiter.GetAsync(key));
        await waiter.RemoveAsync(key);
        await waiter.HoldAsync(key);

        var large = new string('x', 20_000);
        await holder.SetAsync(key, large);
        await holder.SetAsync(key, large);
        Assert.Equal(large, await waiter.GetAsync(key));
    }

    [Fact]
    public async Task WaitingNode_SendsAndCausesAtMostSixCommands()
    {
        const int Nodes = 8;
        await using var server = await RedisServers.StartProcessAsync();
        var nodes = new List<LeaseNode>();
        for (var i = 0; i < Nodes; i++)
        {
            nodes.Add(await LeaseNode.OpenAsync(server.Configuration));
        }

        // The server learns the scripts before it counts.
        await MissAsync(nodes, "warm");
        await using var log = await CommandLog.StartAsync(server);
        await MissAsync(nodes[..1], "alone");
        var alone = await CountAsync(log);
        await MissAsync(nodes, "k");
        var all = await CountAsync(log);

        // What scripts call counts too, and what the holder sends to wake a node counts for that node.
        Assert.InRange(all - alone, Nodes - 1, 6 * (Nodes - 1));
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    private static async Task<int> CountAsync(CommandLog log) =>
        (await log.ReadAsync()).Count(static command => command.Name is not ("PING" or "INFO" or "CLIENT"));

    // What an engine does: read, claim, then make and fill, or wait and read again.
    private static async Task MissAsync(List<LeaseNode> nodes, string key)
    {
        var leases = new List<Lease>();
        foreach (var node in nodes)
        {
            Assert.Null(await node.GetAsync(key));
            leases.Add(await node.TakeAsync(key));
        }

        var waits = nodes.Zip(leases).Skip(1).Select(static waiter => waiter.First.Desk.WaitAsync(waiter.Second, CancellationToken.None).AsTask()).ToList();
        Assert.Equal(FillResult.Written, await nodes[0].FillAsync(leases[0], "made"));
        await Task.WhenAll(waits).WaitAsync(LeaseNode.Deadline);
        foreach (var node in nodes.Skip(1))
        {
            Assert.Equal("made", await node.GetAsync(key));
        }
    }

    private static async Task<(LeaseNode One, LeaseNode Other, string Key)> TwoNodesAsync(EntryLayout layout)
    {
        var server = await SharedServers.GetProcessAsync();
        return (await LeaseNode.OpenAsync(server.Configuration, layout), await LeaseNode.OpenAsync(server.Configuration, layout), NewKey);
    }
}
