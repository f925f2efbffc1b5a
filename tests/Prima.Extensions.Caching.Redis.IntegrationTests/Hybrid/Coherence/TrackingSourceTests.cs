using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid.Leases;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Faults;
using Prima.Extensions.Caching.Redis.TestServers.Processes;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid.Coherence;

/// <summary>What one server announces, and what becomes of lost connections.</summary>
public sealed class TrackingSourceTests
{
    private const string Instance = "track:";

    [Fact]
    public async Task Writes_OfAnybody_AreAnnounced()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(server.Configuration, Instance);

        await server.ExecuteAsync("SET", "track:foreign", "1");
        await subject.UntilAsync("key foreign");
        await server.ExecuteAsync("DEL", "track:foreign");
        await subject.UntilAsync("key foreign", times: 2);
        await subject.Cache.SetAsync("own", [1], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) });
        await subject.UntilAsync("key own");
        await subject.Cache.RemoveAsync("own");
        await server.ExecuteAsync("SET", "other:k", "1");
        await server.ExecuteAsync("SET", "track:last{ä}", "1");
        await subject.UntilAsync("key last{ä}");
        Assert.DoesNotContain(subject.Sink.Events, static happening => happening.Contains("other", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Expiry_OfAKey_IsAnnounced()
    {
        // Redis finds what has expired by samples: among many other keys it takes its time.
        await using var server = await RedisServers.StartProcessAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(server.Configuration, Instance);

        await server.ExecuteAsync("SET", "track:mortal", "1", "PX", "50");
        await subject.UntilAsync("key mortal", times: 2);
    }

    [Fact]
    public async Task Eviction_OfAKey_IsAnnounced()
    {
        await using var server = await RedisServers.StartProcessAsync("maxmemory-policy allkeys-lru");
        await using var subject = await TrackingSubject.StartArmedAsync(server.Configuration, Instance);
        await server.ExecuteAsync("SET", "track:victim", new string('x', 100_000));
        await subject.UntilAsync("key victim");

        // Less than what is used: the next write evicts.
        await server.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
        await subject.UntilAsync("key victim", times: 2);
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task Removal_OfWhatIsNotThere_IsAnnounced(EntryLayout layout)
    {
        var server = await SharedServers.GetProcessAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(server.Configuration, Instance);
        await using var node = await LeaseNode.OpenAsync(server.Configuration, layout, Instance);

        await node.RemoveAsync("absent");
        await subject.UntilAsync("key absent");
        Assert.Equal(0, (await server.ExecuteAsync("EXISTS", "track:absent")).Number);
    }

    [Fact]
    public async Task FlushDb_Clears()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(server.Configuration, Instance);

        await server.ExecuteAsync("FLUSHDB");
        await subject.UntilAsync("clear Flushed");
    }

    [Fact]
    public async Task NoInstanceName_AllKeysAreAnnounced_ButLeases()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(server.Configuration, "");

        await server.ExecuteAsync("SET", "__prima_lease__:{1}k", "1");
        await server.ExecuteAsync("SET", "anything", "1");
        await subject.UntilAsync("key anything");
        Assert.DoesNotContain(subject.Sink.Events, static happening => happening.Contains("lease", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TagStamp_IsReadAndPassedOn()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(server.Configuration, Instance);

        await subject.Cache.SetAsync("__MSFT_HCT__ward 7", BitConverter.GetBytes(638_000_000_000_000_000L), new());
        await subject.UntilAsync("tag ward 7 638000000000000000");
    }

    [Fact]
    public async Task Armed_ComesAfterAClear()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(server.Configuration, Instance);

        Assert.Contains("clear Armed", subject.Sink.Events);
    }

    [Fact]
    public async Task Probes_SayHowLongAnInvalidationTakes()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(server.Configuration, Instance);

        await Poll.UntilAsync("two proofs", TrackingSubject.Deadline, () => subject.Sink.Lags.Count > 1);
        Assert.All(subject.Sink.Lags, static lag => Assert.InRange(lag, TimeSpan.Zero, ArmedTime.ProbeTimeout));
    }

    [Fact]
    public async Task FloodOfTagRemovals_IsPassedOnInFull()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(server.Configuration, "tags:");

        await server.ExecuteAsync("EVAL", "for i = 1, 20000 do redis.call('SET', 'tags:__MSFT_HCT__' .. i, i, 'PX', 60000) end", "0");
        await Poll.UntilAsync("all are passed on", TrackingSubject.Deadline, () => subject.Sink.Events.Count(static happening => happening.StartsWith("tag", StringComparison.Ordinal)) >= 20_000);
    }

    [Theory]
    [InlineData("normal")]
    [InlineData("pubsub")]
    public async Task OneConnectionKilled_LosesAtOnce_AndArmsAnew(string connection)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(server.Configuration, Instance);
        subject.Sink.Forget();

        await KillTrackingAsync(server, connection);
        await subject.UntilAsync("clear ConnectionLost");
        await subject.UntilAsync("clear Armed");
        await subject.UntilArmedAsync();
        await server.ExecuteAsync("SET", "track:after", "1");
        await subject.UntilAsync("key after");
    }

    [Fact]
    public async Task ServerRestarted_ArmsAnew()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(server.Configuration, Instance);
        subject.Sink.Forget();

        await server.KillAsync();
        await subject.UntilDisarmedAsync();
        await server.RestartAsync();
        await subject.UntilArmedAsync();
        Assert.Equal(["clear ConnectionLost", "clear Armed"], subject.Sink.Events);
    }

    [Theory]
    [InlineData(FaultMode.BlackHole)]
    [InlineData(FaultMode.Mute)]
    public async Task SilentLink_IsNotArmedForLong(FaultMode fault)
    {
        var server = await SharedServers.GetProcessAsync();
        await using var proxy = FaultProxy.Start(server);
        await using var subject = await TrackingSubject.StartArmedAsync(proxy.Configuration, Instance);

        proxy.Mode = fault;
        await subject.UntilDisarmedAsync();
        proxy.Mode = FaultMode.Pass;
        await subject.UntilArmedAsync();
    }

    [Fact]
    public async Task HungServer_IsNotArmedForLong()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(server.Configuration, Instance);

        server.Suspend();
        await subject.UntilDisarmedAsync();
        server.Resume();
        await subject.UntilArmedAsync();
    }

    [Fact]
    public async Task UnreachableServer_IsNotArmedAndNotRefused()
    {
        await using var subject = TrackingSubject.Start("127.0.0.1:1,connectRetry=1,connectTimeout=500", Instance);

        Assert.False(subject.Source.IsArmed("k"));
        Assert.Empty(subject.Refusals);
    }

    [Fact]
    public async Task Garnet_Refuses()
    {
        var server = await SharedServers.GetEmbeddedAsync();
        await using var subject = TrackingSubject.Start(server.Configuration, Instance);

        await Poll.UntilAsync("Garnet refuses", TrackingSubject.Deadline, () => subject.Refusals.Count > 0);
        Assert.False(subject.Source.IsArmed("k"));
    }

    [Fact]
    public async Task Flood_ReachesTheSinkInFull()
    {
        var server = await SharedServers.GetProcessAsync();
        await using var subject = await TrackingSubject.StartArmedAsync(server.Configuration, "flood:");

        await server.ExecuteAsync("EVAL", "for i = 1, 50000 do redis.call('SET', 'flood:' .. i, i, 'PX', 60000) end", "0");
        await Poll.UntilAsync("all are announced", TrackingSubject.Deadline, () => subject.Sink.Events.Distinct().Count(static happening => happening.StartsWith("key", StringComparison.Ordinal)) == 50_000);
    }

    private static async Task KillTrackingAsync(RedisProcess server, string type)
    {
        var clients = (await server.ExecuteAsync("CLIENT", "LIST", "TYPE", type)).Text!;
        var line = clients.Split('\n').Single(static client => client.Contains("name=prima-tracking-", StringComparison.Ordinal));
        await server.ExecuteAsync("CLIENT", "KILL", "ID", line.Split(' ')[0]["id=".Length..]);
    }
}
