using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Processes;
using Prima.Extensions.Caching.Redis.TestServers.Wire;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Reliability;

/// <summary>Faults of a Redis that is there, or was a moment ago. What is checked of each stands in <see cref="FaultOutcome"/>.</summary>
public sealed class ServerFaultTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly string[] Gone = ["Timeout", "UnableToConnect", "UnableToResolvePhysicalConnection", "SocketFailure", "SocketClosed"];

    [Fact]
    public async Task KillAndRestartWithData()
    {
        await using var server = await RedisServers.StartProcessAsync("appendonly yes", "appendfsync always");
        await FaultOutcome.CheckAsync(Fault.Of(server, server.Configuration, server.KillAsync, server.RestartAsync, Gone));
    }

    [Fact]
    public async Task KillAndRestartWithAnEmptyDataSet()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await FaultOutcome.CheckAsync(Fault.Of(server, server.Configuration, server.KillAsync, server.RestartAsync, Gone) with { LosesData = true });
    }

    [Fact]
    public async Task Loading()
    {
        await using var server = await RedisServers.StartProcessAsync("loading-process-events-interval-bytes 1024");
        Task? reload = null;
        await FaultOutcome.CheckAsync(Fault.Of(server, server.Configuration, LoadAsync, LoadedAsync, "Loading"));

        async Task LoadAsync()
        {
            await server.ExecuteAsync("DEBUG", "POPULATE", "4000");
            await server.ExecuteAsync("CONFIG", "SET", "key-load-delay", "1000");
            reload = Quietly(server.ExecuteAsync("DEBUG", "RELOAD"));
            await UntilAnswersAsync(server, "LOADING");
        }

        async Task LoadedAsync()
        {
            await server.ExecuteAsync("CONFIG", "SET", "key-load-delay", "0");
            await reload!;
        }
    }

    [Fact]
    public async Task MasterDown()
    {
        await using var server = await RedisServers.StartProcessAsync("replica-serve-stale-data no");
        await FaultOutcome.CheckAsync(Fault.Of(
            server,
            server.Configuration,
            () => server.ExecuteAsync("REPLICAOF", "127.0.0.1", "1"),
            () => server.ExecuteAsync("REPLICAOF", "NO", "ONE"),
            "MasterDown",
            "ReadOnly",
            "UnableToResolvePhysicalConnection"));
    }

    [Fact]
    public async Task ReadOnly()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await FaultOutcome.CheckAsync(Fault.Of(
            server,
            server.Configuration,
            () => server.ExecuteAsync("REPLICAOF", "127.0.0.1", "1"),
            () => server.ExecuteAsync("REPLICAOF", "NO", "ONE"),
            "ReadOnly",
            "UnableToResolvePhysicalConnection") with { Struck = Operations.Set | Operations.Remove, Either = Operations.Refresh | Operations.Get });
    }

    [Fact]
    public async Task OutOfMemory()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await FaultOutcome.CheckAsync(Fault.Of(
            server,
            server.Configuration,
            () => server.ExecuteAsync("CONFIG", "SET", "maxmemory", "1"),
            () => server.ExecuteAsync("CONFIG", "SET", "maxmemory", "0"),
            "OutOfMemory") with { Struck = Operations.Set, Either = Operations.Refresh });
    }

    [Fact]
    public async Task Misconf()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await FaultOutcome.CheckAsync(Fault.Of(server, server.Configuration, BreakAsync, () => server.ExecuteAsync("CONFIG", "SET", "save", ""), "Misconfigured") with
        {
            Struck = Operations.Set | Operations.Remove,
            Either = Operations.Refresh,
        });

        // A snapshot cannot be renamed to where a directory is.
        async Task BreakAsync()
        {
            var directory = (await server.ExecuteAsync("CONFIG", "GET", "dir")).Items[1].Text!;
            Directory.CreateDirectory(Path.Combine(directory, "dump.rdb", "in-the-way"));
            await server.ExecuteAsync("CONFIG", "SET", "save", "3600 1");
            await server.ExecuteAsync("BGSAVE");
            await Poll.UntilAsync("the snapshot has failed", Patience, async () =>
                (await server.ExecuteAsync("INFO", "persistence")).Text!.Contains("rdb_last_bgsave_status:err", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Busy()
    {
        await using var server = await RedisServers.StartProcessAsync("busy-reply-threshold 50");
        Task? script = null;
        await FaultOutcome.CheckAsync(Fault.Of(server, server.Configuration, RunAsync, EndAsync, "Busy", "Timeout"));

        async Task RunAsync()
        {
            script = Quietly(server.ExecuteAsync("EVAL", "while true do end", "0"));
            await UntilAnswersAsync(server, "BUSY");
        }

        async Task EndAsync()
        {
            await server.ExecuteAsync("SCRIPT", "KILL");
            await script!;
        }
    }

    [Fact]
    public async Task ScriptsForgotten()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await FaultOutcome.CheckAsync(Fault.Of(server, server.Configuration, () => server.ExecuteAsync("SCRIPT", "FLUSH"), static () => Task.CompletedTask) with { Struck = Operations.None });
    }

    [Theory]
    [InlineData(EntryLayout.Hash)]
    [InlineData(EntryLayout.String)]
    public async Task ValueAboveTheServersLimit(EntryLayout layout)
    {
        await using var server = await RedisServers.StartProcessAsync("proto-max-bulk-len 1mb");
        var large = new byte[2 * 1024 * 1024];
        Telltale.Value("large").CopyTo(large, 0);
        await FaultOutcome.CheckAsync(Fault.Of(server, server.Configuration, static () => Task.CompletedTask, static () => Task.CompletedTask, [.. Gone, "UnknownCommand", "InternalFailure", "ProtocolFailure"]) with
        {
            Layout = layout,
            NewValue = large,
            Struck = Operations.Set,
            Either = Operations.Get | Operations.Refresh | Operations.Remove,
        });
    }

    // WRONGTYPE is no fault: the foreign value is a miss, stays until it is replaced, and is replaced and removed like any entry.
    [Theory]
    [InlineData(FailureMode.Degrade)]
    [InlineData(FailureMode.Throw)]
    public async Task WrongType(FailureMode mode)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = server.Configuration, FailureMode = mode });
        foreach (var key in new[] { "read", "replaced", "removed" })
        {
            await server.ExecuteAsync("RPUSH", key, "foreign");
        }

        Assert.Null(await cache.GetAsync("read"));
        await cache.RefreshAsync("read");
        await cache.SetAsync("replaced", [1], new());
        await cache.RemoveAsync("removed");

        Assert.Equal("list", (await server.ExecuteAsync("TYPE", "read")).Text);
        Assert.Equal([1], await cache.GetAsync("replaced"));
        Assert.Equal("none", (await server.ExecuteAsync("TYPE", "removed")).Text);
        Assert.Equal(0, cache.State().JournalLength);
    }

    private static Task UntilAnswersAsync(RedisProcess server, string error) => Poll.UntilAsync($"the server answers {error}", Patience, async () =>
    {
        try
        {
            await server.ExecuteAsync("GET", "x");
            return false;
        }
        catch (RespErrorException answer)
        {
            return answer.Message.StartsWith(error, StringComparison.Ordinal);
        }
    });

    private static async Task Quietly(Task<RespReply> reply)
    {
        try
        {
            await reply;
        }
        catch (Exception exception) when (exception is RespErrorException or IOException or OperationCanceledException)
        {
            // It was ended on purpose.
        }
    }
}
