using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Faults;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Reliability;

/// <summary>Faults between the application and Redis. What is checked of each stands in <see cref="FaultOutcome"/>.</summary>
public sealed class NetworkFaultTests
{
    private static readonly string[] Broken = ["Timeout", "UnableToConnect", "UnableToResolvePhysicalConnection", "SocketFailure", "SocketClosed", "InternalFailure"];

    // Commands that time out one after the other close their connection.
    private static readonly string[] Unanswered = [.. Broken, "CircuitBreaker"];

    [Fact]
    public Task RefusedConnection() => CheckAsync(FaultMode.Refuse, Broken);

    [Fact]
    public Task BlackHole() => CheckAsync(FaultMode.BlackHole, Unanswered);

    [Fact]
    public Task AnswersThatVanish() => CheckAsync(FaultMode.Mute, Unanswered);

    [Fact]
    public Task CorruptFrame() => CheckAsync(FaultMode.Corrupt, [.. Broken, "ProtocolFailure"]);

    [Fact]
    public Task CutInTheMiddleOfAReply() => CheckAsync(FaultMode.CutAnswers, [.. Broken, "ProtocolFailure"]);

    [Theory]
    [InlineData(FailureMode.Degrade)]
    [InlineData(FailureMode.Throw)]
    public async Task CutInTheMiddleOfAValue(FailureMode mode)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var proxy = FaultProxy.Start(server);
        await using var cache = new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = proxy.Configuration, FailureMode = mode, CommandTimeout = TimeSpan.FromSeconds(1) });
        var value = new byte[1_000_000];
        Random.Shared.NextBytes(value);
        await cache.SetAsync("large", value, new());

        proxy.Mode = FaultMode.CutAnswers;
        if (mode == FailureMode.Degrade)
        {
            Assert.Null(await cache.GetAsync("large"));
        }
        else
        {
            Assert.IsType<RedisConnectionException>(await Record.ExceptionAsync(() => cache.GetAsync("large")));
        }

        proxy.Mode = FaultMode.Pass;
        byte[]? read = null;
        await Poll.UntilAsync("the value can be read", TimeSpan.FromSeconds(20), async () => (read = await cache.GetAsync("large")) is not null);
        Assert.Equal(value, read);
    }

    [Fact]
    public async Task FiveSecondStall()
    {
        await using var server = await RedisServers.StartProcessAsync();
        var stalled = Task.CompletedTask;
        await FaultOutcome.CheckAsync(Fault.Of(server, server.Configuration, Stall, () => stalled, Unanswered));

        Task Stall()
        {
            server.Suspend();
            stalled = ResumeAsync();
            return Task.CompletedTask;
        }

        async Task ResumeAsync()
        {
            await Task.Delay(TimeSpan.FromSeconds(5));
            server.Resume();
        }
    }

    [Fact]
    public async Task SlowLink()
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var proxy = FaultProxy.Start(server);
        await FaultOutcome.CheckAsync(Fault.Of(
            server,
            proxy.Configuration,
            () => proxy.AnswerDelay = TimeSpan.FromMilliseconds(200),
            () => proxy.AnswerDelay = TimeSpan.Zero) with { Struck = Operations.None });
    }

    private static async Task CheckAsync(FaultMode mode, string[] kinds)
    {
        await using var server = await RedisServers.StartProcessAsync();
        await using var proxy = FaultProxy.Start(server);
        await FaultOutcome.CheckAsync(Fault.Of(server, proxy.Configuration, () => proxy.Mode = mode, () => proxy.Mode = FaultMode.Pass, kinds));
    }
}
