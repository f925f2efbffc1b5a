using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Prima.Extensions.Caching.Redis.Diagnostics;
using StackExchange.Redis;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Distributed;

public sealed class PrimaRedisCacheTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 7, 14, 12, 0, 0, TimeSpan.Zero);
    private static readonly CancellationToken Cancelled = new(canceled: true);

    private readonly PrimaRedisCache _cache = Create(new() { Configuration = "127.0.0.1:1" });

    public static TheoryData<string> AllCalls => CacheCalls.All;

    public static TheoryData<string> AsynchronousCalls => CacheCalls.Asynchronous;

    public ValueTask DisposeAsync() => _cache.DisposeAsync();

    [Theory]
    [MemberData(nameof(AllCalls))]
    public async Task Call_NullKey_ThrowsForKey(string call) =>
        await Assert.ThrowsAsync<ArgumentNullException>("key", () => _cache.Invoke(call, new() { Key = null! }));

    [Theory]
    [InlineData("Set")]
    [InlineData("SetAsync")]
    public async Task Set_NullValue_ThrowsForValue(string call) =>
        await Assert.ThrowsAsync<ArgumentNullException>("value", () => _cache.Invoke(call, new() { Value = null! }));

    [Theory]
    [InlineData("Set")]
    [InlineData("SetAsync")]
    [InlineData("Set(sequence)")]
    [InlineData("SetAsync(sequence)")]
    public async Task Set_NullOptions_ThrowsForOptions(string call) =>
        await Assert.ThrowsAsync<ArgumentNullException>("options", () => _cache.Invoke(call, new() { Options = null! }));

    [Theory]
    [InlineData("Set")]
    [InlineData("SetAsync")]
    [InlineData("Set(sequence)")]
    [InlineData("SetAsync(sequence)")]
    public async Task Set_AbsoluteExpirationNow_ThrowsForAbsoluteExpiration(string call)
    {
        var options = new DistributedCacheEntryOptions { AbsoluteExpiration = Now, AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1) };

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("AbsoluteExpiration", () => _cache.Invoke(call, new() { Options = options }));
    }

    [Theory]
    [InlineData("TryGet")]
    [InlineData("TryGetAsync")]
    public async Task TryGet_NullDestination_ThrowsForDestination(string call) =>
        await Assert.ThrowsAsync<ArgumentNullException>("destination", () => _cache.Invoke(call, new() { Destination = null! }));

    [Theory]
    [MemberData(nameof(AsynchronousCalls))]
    public async Task Call_CancelledToken_Throws(string call) =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _cache.Invoke(call, new() { Token = Cancelled }));

    [Theory]
    [MemberData(nameof(AsynchronousCalls))]
    public async Task Call_CancelledToken_ConnectsToNothing(string call)
    {
        var observer = new ConnectObserver();
        await using var cache = Create(new() { ConnectionMultiplexerFactory = observer.ConnectAsync });

        await Record.ExceptionAsync(() => ConnectObserver.As("cancelled", () => cache.Invoke(call, new() { Token = Cancelled })));

        Assert.Equal(["later"], await observer.CallersAsync(cache, "later"));
    }

    [Theory]
    [MemberData(nameof(AsynchronousCalls))]
    public async Task Call_NullKeyAndCancelledToken_ThrowsForKey(string call) =>
        await Assert.ThrowsAsync<ArgumentNullException>("key", () => _cache.Invoke(call, new() { Key = null!, Token = Cancelled }));

    [Theory]
    [MemberData(nameof(AllCalls))]
    public async Task Call_WrongArgument_ConnectsToNothing(string call)
    {
        var observer = new ConnectObserver();
        await using var cache = Create(new() { ConnectionMultiplexerFactory = observer.ConnectAsync });

        await Record.ExceptionAsync(() => ConnectObserver.As("wrong", () => cache.Invoke(call, new() { Key = null! })));

        Assert.Equal(["later"], await observer.CallersAsync(cache, "later"));
    }

    [Theory]
    [MemberData(nameof(AsynchronousCalls))]
    public async Task Call_CancelledWhileConnecting_ThrowsAlsoWhereFaultsDegrade(string call)
    {
        using var cancellation = new CancellationTokenSource();
        await using var cache = Create(new() { ConnectionMultiplexerFactory = Hang(cancellation.Cancel), FailureMode = FailureMode.Degrade });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            cache.Invoke(call, new() { Token = cancellation.Token }).WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Theory]
    [MemberData(nameof(AllCalls))]
    public async Task Call_AfterDispose_Throws(string call)
    {
        _cache.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => _cache.Invoke(call, new()));
    }

    [Theory]
    [MemberData(nameof(AllCalls))]
    public async Task Call_AfterDisposeAsync_Throws(string call)
    {
        await _cache.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => _cache.Invoke(call, new()));
    }

    [Fact]
    public async Task Dispose_AgainAndAgain_DoesNothing()
    {
        _cache.Dispose();
        _cache.Dispose();
        await _cache.DisposeAsync();
        await _cache.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => _cache.Get("key"));
    }

    [Fact]
    public void Constructor_NullOptions_Throws() =>
        Assert.Throws<ArgumentNullException>("optionsAccessor", () => new PrimaRedisCache(null!));

    [Fact]
    public void Constructor_WrongOptions_ThrowsWithTheReason()
    {
        var exception = Assert.Throws<OptionsValidationException>(() => new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = "http://server" }));

        Assert.StartsWith("PrimaRedisCacheOptions.Configuration is 'http://server'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Constructor_Any_ConnectsToNothing()
    {
        var observer = new ConnectObserver();
        PrimaRedisCache? cache = null;

        await ConnectObserver.As("constructor", () =>
        {
            cache = Create(new() { ConnectionMultiplexerFactory = observer.ConnectAsync });
            return Task.CompletedTask;
        });

        await using (cache)
        {
            Assert.Equal(["later"], await observer.CallersAsync(cache!, "later"));
        }
    }

    private static PrimaRedisCache Create(PrimaRedisCacheOptions options) =>
        new(options, "", CacheMetrics.Shared, NullLoggerFactory.Instance, new FakeTimeProvider(Now));

    private static Func<Task<IConnectionMultiplexer>> Hang(Action onCall) =>
        () =>
        {
            onCall();
            return new TaskCompletionSource<IConnectionMultiplexer>().Task;
        };
}
