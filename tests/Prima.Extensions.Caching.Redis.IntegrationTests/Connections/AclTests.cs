using Microsoft.Extensions.Caching.Distributed;
using Prima.Extensions.Caching.Redis.IntegrationTests.Batch;
using Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;
using Prima.Extensions.Caching.Redis.TestServers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Connections;

/// <summary>The rights that docs/security.md asks for, exactly; and what happens when some are missing.</summary>
public sealed class AclTests
{
    private const string KeyPattern = "~conformance:*";

    // docs/security.md names these rights: keep them the same.
    private static readonly string[] ConnectionRights = [KeyPattern, "+@connection", "+info"];

    private static readonly string[] HashRights =
        [.. ConnectionRights, "+hmget", "+hset", "+hlen", "+hexists", "+pttl", "+evalsha", "+eval", "+pexpire", "+expire", "+persist", "+unlink", "+get", "+getrange"];

    private static readonly string[] StringRights =
        [.. ConnectionRights, "+get", "+mget", "+set", "+getrange", "+pexpire", "+expire", "+unlink", "+hmget"];

    private static readonly string[] HashRightsWithoutScripts =
        [.. ConnectionRights, "+hmget", "+hset", "+pexpire", "+expire", "+unlink", "+multi", "+exec", "+discard", "+get", "+getrange"];

    public static TheoryData<EntryLayout, string[]> Rights => new()
    {
        { EntryLayout.Hash, HashRights },
        { EntryLayout.Hash, [.. HashRights, "+multi", "+exec", "+discard"] },
        { EntryLayout.String, StringRights },
        { EntryLayout.Hash, HashRightsWithoutScripts },
    };

    [Theory, MemberData(nameof(Rights))]
    public async Task LeastPrivilege_AllOperations_Work(EntryLayout layout, string[] rights)
    {
        await using var server = await RedisServers.StartProcessAsync();
        var configuration = await server.SetUserAsync("cache", "secret", rights);
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions
        {
            Configuration = configuration,
            InstanceName = "conformance:",
            Layout = layout,
            FailureMode = FailureMode.Throw,
        });
        foreach (var access in Enum.GetValues<CacheAccess>())
        {
            await cache.SetAsync(access, "k", [1], new() { SlidingExpiration = TimeSpan.FromMinutes(1) });
            Assert.Equal([1], await cache.GetAsync(access, "k"));
            await cache.RefreshAsync(access, "k");
            await cache.SetAsync(access, "k", [2], new());
            Assert.Equal([2], await cache.GetAsync(access, "k"));
            await cache.RemoveAsync(access, "k");
            Assert.Null(await cache.GetAsync(access, "k"));
            await server.ExecuteAsync("RPUSH", "conformance:k", "foreign");
            Assert.Null(await cache.GetAsync(access, "k"));
            await cache.SetAsync(access, "k", [3], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) });
            Assert.Equal([3], await cache.GetAsync(access, "k"));
            await cache.SetAsync(access, "k", new byte[10_000], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) });
            Assert.Equal(10_000, (await cache.GetAsync(access, "k"))?.Length);
        }

        string[] keys = ["a", "b", "c"];
        Assert.All((await cache.SetManyAsync(keys.Select(static key => new BatchEntry(key, new byte[] { 1 }, new() { SlidingExpiration = TimeSpan.FromMinutes(1) })))).Outcomes, static outcome => Assert.Equal(BatchOutcome.Stored, outcome));
        Assert.All((await cache.GetManyArraysAsync(keys)).Outcomes, static outcome => Assert.Equal(BatchOutcome.Hit, outcome));
        Assert.All((await cache.RefreshManyAsync(keys)).Outcomes, static outcome => Assert.Equal(BatchOutcome.Refreshed, outcome));
        Assert.All((await cache.RemoveManyAsync(keys)).Outcomes, static outcome => Assert.Equal(BatchOutcome.Removed, outcome));
    }

    [Theory, MemberData(nameof(Rights))]
    public async Task LeastPrivilege_RecoveryHealthAndSampling_Work(EntryLayout layout, string[] rights)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions
        {
            Configuration = await server.SetUserAsync("cache", "secret", rights),
            InstanceName = "conformance:",
            Layout = layout,
            CommandTimeout = TimeSpan.FromSeconds(1),
            ServerSamplingInterval = TimeSpan.FromSeconds(1),
        });
        await cache.SetAsync("k", [1], new() { SlidingExpiration = TimeSpan.FromMinutes(1) });

        server.Suspend();
        await cache.RemoveAsync("k");
        Assert.Equal(1, cache.State().JournalLength);
        server.Resume();
        await cache.FlushAsync(TestContext.Current.CancellationToken);

        Assert.Equal("0", (await server.ExecuteAsync("EXISTS", "conformance:k")).ToString());
        Assert.NotNull(await cache.PingAsync(TestContext.Current.CancellationToken));
        await Poll.UntilAsync("the server has told of its memory", TimeSpan.FromSeconds(20), () => cache.State().Servers[0].Sample?.UsedMemory > 0);
    }

    [Theory]
    [InlineData("+pexpire", true)]
    [InlineData("+pexpire", false)]
    [InlineData("+multi", false)]
    public async Task NoRightToSetTheTtlWithTheValue_NothingIsLeftWithoutATtl(string missing, bool hasScripts)
    {
        await using var server = await RedisServers.StartProcessAsync();
        var configuration = await server.SetUserAsync("cache", "secret", [.. (hasScripts ? HashRights : HashRightsWithoutScripts).Except([missing])]);
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = configuration, InstanceName = "conformance:", FailureMode = FailureMode.Throw });

        var expiring = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) };
        await Assert.ThrowsAsync<RedisServerException>(() => cache.SetAsync("k", [1], expiring));
        var batch = await cache.SetManyAsync([new("a", new byte[] { 1 }, expiring), new("b", new byte[] { 1 }, expiring)]);

        Assert.Equal(BatchOutcome.Failed.Each(2), batch.Outcomes);
        Assert.Equal("0", (await server.ExecuteAsync("EXISTS", "conformance:k", "conformance:a", "conformance:b")).ToString());
    }

    [Fact]
    public async Task NoRightToTakeTheTtlAway_OverwriteThatNeverExpires_LeavesNothing()
    {
        await using var server = await RedisServers.StartProcessAsync();
        var configuration = await server.SetUserAsync("cache", "secret", [.. HashRights.Except(["+persist"])]);
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = configuration, InstanceName = "conformance:", FailureMode = FailureMode.Throw });
        string[] keys = ["k", "a", "b"];
        var before = await cache.SetManyAsync(keys.Select(static key => new BatchEntry(key, new byte[] { 1 }, new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) })));

        await Assert.ThrowsAsync<RedisServerException>(() => cache.SetAsync("k", [2], new()));
        var batch = await cache.SetManyAsync([new("a", new byte[] { 2 }, new()), new("b", new byte[] { 2 }, new())]);

        Assert.Equal(BatchOutcome.Stored.Each(3), before.Outcomes);
        Assert.Equal(BatchOutcome.Failed.Each(2), batch.Outcomes);
        Assert.Equal("0", (await server.ExecuteAsync("EXISTS", "conformance:k", "conformance:a", "conformance:b")).ToString());
    }

    [Fact]
    public async Task NoRightToScripts_EntryPastItsEnd_IsAMissAndNoFault()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await server.ExecuteAsync("HSET", "conformance:k", "absexp", "1", "sldexp", "-1", "data", "old");
        var configuration = await server.SetUserAsync("reader", "secret", [.. ConnectionRights, "+hmget"]);
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = configuration, InstanceName = "conformance:", FailureMode = FailureMode.Throw });

        Assert.Null(await cache.GetAsync("k"));
        Assert.Equal(BatchOutcome.Miss, (await cache.GetManyArraysAsync(["k"])).Outcomes[0]);
    }

    [Theory]
    [InlineData(FailureMode.Throw)]
    [InlineData(FailureMode.Degrade)]
    public async Task MissingRight_IsAFault(FailureMode failureMode)
    {
        await using var server = await RedisServers.StartProcessAsync();
        var configuration = await server.SetUserAsync("reader", "secret", [.. ConnectionRights, "+hmget"]);
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = configuration, InstanceName = "conformance:", FailureMode = failureMode });

        Assert.Null(await cache.GetAsync("k"));
        if (failureMode == FailureMode.Throw)
        {
            var exception = await Assert.ThrowsAsync<RedisServerException>(() => cache.SetAsync("k", [1], new()));
            Assert.Equal(RedisErrorKind.NoPermission, exception.Kind);
        }
        else
        {
            await cache.SetAsync("k", [1], new());
            Assert.Equal("0", (await server.ExecuteAsync("EXISTS", "conformance:k")).ToString());
        }
    }

    [Fact]
    public async Task WrongPassword_IsAFaultAndNotAHang()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await server.SetUserAsync("cache", "secret", "~*", "+@all");

        // Where the default user needs no password, the client goes on as that one.
        await server.ExecuteAsync("CONFIG", "SET", "requirepass", "another");
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions
        {
            Configuration = $"{server.Configuration},user=cache,password=wrong",
            FailureMode = FailureMode.Throw,
            ConnectTimeout = TimeSpan.FromSeconds(2),
            CommandTimeout = TimeSpan.FromSeconds(2),
        });

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => cache.GetAsync("k"));
        Assert.True(exception is RedisException or TimeoutException, exception.ToString());
        Assert.DoesNotContain("wrong", exception.ToString(), StringComparison.Ordinal);
    }
}
