using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Diagnostics;
using StackExchange.Redis;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Distributed;

/// <summary>What callers see when there is no connection to be had.</summary>
public sealed class PrimaRedisCacheFaultTests : IDisposable
{
    private const string Marker = "s3cr3t";

    private readonly RecordingLoggerFactory _logs = new();

    public static TheoryData<string> AllCalls => CacheCalls.All;

    public static TheoryData<string, string> AllFaults
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var call in CacheCalls.All)
            {
                data.Add(call.Data, "throws");
                data.Add(call.Data, "faults");
                data.Add(call.Data, "faults later");
                data.Add(call.Data, "null");
                data.Add(call.Data, "hangs");
            }

            return data;
        }
    }

    public void Dispose() => _logs.Dispose();

    [Theory]
    [MemberData(nameof(AllFaults))]
    public async Task Call_NoConnectionAndDegrade_Completes(string call, string fault)
    {
        await using var cache = Create(fault, FailureMode.Degrade);

        Assert.Null(await Record.ExceptionAsync(() => cache.Invoke(call, new())));
    }

    [Theory]
    [MemberData(nameof(AllFaults))]
    public async Task Call_NoConnectionAndThrow_ThrowsAsTheClientDoes(string call, string fault)
    {
        await using var cache = Create(fault, FailureMode.Throw);

        var exception = await Record.ExceptionAsync(() => cache.Invoke(call, new()));

        Assert.True(exception is RedisConnectionException or TimeoutException, $"{exception}");
    }

    [Fact]
    public async Task Get_NoConnection_IsAMiss()
    {
        await using var cache = Create("throws", FailureMode.Degrade);

        Assert.Null(cache.Get("key"));
    }

    [Fact]
    public async Task GetAsync_NoConnection_IsAMiss()
    {
        await using var cache = Create("throws", FailureMode.Degrade);

        Assert.Null(await cache.GetAsync("key"));
    }

    [Fact]
    public async Task TryGet_NoConnection_IsAMiss()
    {
        await using var cache = Create("throws", FailureMode.Degrade);

        Assert.False(((IBufferDistributedCache)cache).TryGet("key", new ArrayBufferWriter<byte>()));
    }

    [Fact]
    public async Task TryGetAsync_NoConnection_IsAMiss()
    {
        await using var cache = Create("throws", FailureMode.Degrade);

        Assert.False(await ((IBufferDistributedCache)cache).TryGetAsync("key", new ArrayBufferWriter<byte>()));
    }

    [Fact]
    public async Task Set_StampOfATagThatRedisMissed_IsNotToBeRemovedLater()
    {
        await using var cache = Create("throws", FailureMode.Degrade);

        await cache.SetAsync("__MSFT_HCT__ward-7", new byte[8], new());
        await cache.SetManyAsync([new("__MSFT_HCT__ward-8", new byte[8], new())]);
        Assert.Equal(0, cache.State().JournalLength);

        await cache.SetAsync("patient", new byte[8], new());
        Assert.Equal(1, cache.State().JournalLength);
    }

    [Fact]
    public async Task Call_FailedConnect_IsAWarning()
    {
        await using var cache = Create("faults", FailureMode.Degrade);

        await cache.GetAsync("key");

        Assert.Contains(_logs.Logger.Records, record => record is { EventId: 1002, Level: LogLevel.Warning });
    }

    [Theory]
    [MemberData(nameof(AllCalls))]
    public async Task Call_FailedConnect_LogsNoTextOfExceptionsAndNoKey(string call)
    {
        await using var cache = Create("faults", FailureMode.Degrade);

        await cache.Invoke(call, new() { Key = "patient-4711" });

        Assert.DoesNotContain(
            _logs.Logger.Records.Select(record => $"{record.Message}{record.Exception}"),
            text => text.Contains(Marker, StringComparison.Ordinal) || text.Contains("patient-4711", StringComparison.Ordinal));
    }

    [Fact]
    public void Batch_CacheDisposedWhileItConnects_LeavesNoFaultUnobserved() => Assert.False(UnobservedFaults.AreLeftBy(DisposeWhileConnecting));

    private static void DisposeWhileConnecting(string message)
    {
        var connecting = new TaskCompletionSource<IConnectionMultiplexer>();
        var cache = new PrimaRedisCache(new PrimaRedisCacheOptions { ConnectionMultiplexerFactory = () => connecting.Task, ConnectionPoolSize = 2, FailureMode = FailureMode.Throw });
        var batch = cache.RemoveManyAsync(["key"]);
        cache.Dispose();
        connecting.SetException(new ObjectDisposedException(message));

        Assert.True(((IAsyncResult)batch).AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
        Assert.IsType<ObjectDisposedException>(batch.Exception!.InnerException);
    }

    private PrimaRedisCache Create(string fault, FailureMode failureMode) => new(
        new PrimaRedisCacheOptions
        {
            ConnectionMultiplexerFactory = Factory(fault),
            FailureMode = failureMode,

            // How long a hanging connect is waited for; the other faults come at once, and must not wait for a slow thread pool.
            CommandTimeout = fault == "hangs" ? TimeSpan.FromMilliseconds(20) : TimeSpan.FromSeconds(30),
        },
        "",
        CacheMetrics.Shared,
        _logs,
        TimeProvider.System);

    private static Func<Task<IConnectionMultiplexer>> Factory(string fault) => fault switch
    {
        "throws" => () => throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, CommandFlags.None, Marker),
        "faults" => () => Task.FromException<IConnectionMultiplexer>(new InvalidOperationException(Marker)),
        "faults later" => async () =>
        {
            await Task.Yield();
            throw new FormatException(Marker);
        },
        "null" => () => Task.FromResult<IConnectionMultiplexer>(null!),
        _ => () => new TaskCompletionSource<IConnectionMultiplexer>().Task,
    };
}
