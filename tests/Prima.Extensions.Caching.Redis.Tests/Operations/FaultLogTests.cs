using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Prima.Extensions.Caching.Redis.Operations;
using StackExchange.Redis;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Operations;

public class FaultLogTests
{
    private const string Marker = "patient-4711";

    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger _logger = new();
    private readonly FaultLog _faults;

    public FaultLogTests() => _faults = new(_logger, _time);

    public static TheoryData<Exception, string> Faults => new()
    {
        { new TimeoutException(Marker), "Timeout" },
        { new RedisTimeoutException(CommandFlags.None, Marker, CommandStatus.Sent), "Timeout" },
        { new RedisConnectionException(ConnectionFailureType.SocketClosed, CommandFlags.None, Marker), "SocketClosed" },
        { new RedisServerException(RedisErrorKind.OutOfMemory, CommandFlags.None, Marker), "OutOfMemory" },
        { new ObjectDisposedException(Marker), nameof(ObjectDisposedException) },
    };

    [Fact]
    public void Failed_FirstOfAKind_IsAWarning()
    {
        _faults.Failed(new TimeoutException(), "get");

        Assert.Equal([(LogLevel.Warning, 2000)], Events());
    }

    [Fact]
    public void Failed_AgainWithinHalfAMinute_IsForDebugging()
    {
        _faults.Failed(new TimeoutException(), "get");
        _time.Advance(TimeSpan.FromSeconds(29.9));
        _faults.Failed(new TimeoutException(), "set");

        Assert.Equal([(LogLevel.Warning, 2000), (LogLevel.Debug, 2001)], Events());
    }

    [Fact]
    public void Failed_AgainAfterHalfAMinute_IsAWarning()
    {
        _faults.Failed(new TimeoutException(), "get");
        _time.Advance(TimeSpan.FromSeconds(30));
        _faults.Failed(new TimeoutException(), "get");

        Assert.Equal([(LogLevel.Warning, 2000), (LogLevel.Warning, 2000)], Events());
    }

    [Fact]
    public void Failed_OnAndOn_IsAWarningEveryHalfMinute()
    {
        for (var second = 0; second < 90; second++)
        {
            _faults.Failed(new TimeoutException(), "get");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(3, _logger.Records.Count(record => record.Level == LogLevel.Warning));
    }

    [Fact]
    public void Failed_OfAnotherKind_IsAWarning()
    {
        _faults.Failed(new TimeoutException(), "get");
        _faults.Failed(new RedisConnectionException(ConnectionFailureType.SocketClosed, CommandFlags.None, ""), "get");

        Assert.Equal([(LogLevel.Warning, 2000), (LogLevel.Warning, 2000)], Events());
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Failed_Fault_NamesOperationAndKind(Exception fault, string kind)
    {
        _faults.Failed(fault, "get");

        Assert.StartsWith($"Redis could not serve 'get': {kind}.", _logger.Records[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Failed_ExceptionWithAKeyInItsMessage_LogsNoneOfIt(Exception fault, string kind)
    {
        _faults.Failed(fault, "get");
        _faults.Failed(fault, "get");

        Assert.DoesNotContain(_logger.Records, record => $"{record.Message}{record.Exception}".Contains(Marker, StringComparison.Ordinal) || kind.Length == 0);
    }

    [Fact]
    public void Skipped_First_IsAWarning()
    {
        _faults.Skipped("get");

        Assert.Equal([(LogLevel.Warning, 2002)], Events());
    }

    [Fact]
    public void Skipped_AgainWithinHalfAMinute_IsForDebugging()
    {
        _faults.Skipped("get");
        _faults.Skipped("get");

        Assert.Equal([(LogLevel.Warning, 2002), (LogLevel.Debug, 2003)], Events());
    }

    [Fact]
    public void Skipped_AgainAfterHalfAMinute_IsAWarning()
    {
        _faults.Skipped("get");
        _time.Advance(TimeSpan.FromSeconds(30));
        _faults.Skipped("get");

        Assert.Equal([(LogLevel.Warning, 2002), (LogLevel.Warning, 2002)], Events());
    }

    [Fact]
    public void Succeeded_WithoutAFault_IsNotLogged()
    {
        _faults.Succeeded();

        Assert.Empty(_logger.Records);
    }

    [Fact]
    public void Succeeded_AfterAFault_IsLoggedOnce()
    {
        _faults.Failed(new TimeoutException(), "get");
        _faults.Succeeded();
        _faults.Succeeded();

        Assert.Equal([(LogLevel.Warning, 2000), (LogLevel.Information, 2004)], Events());
    }

    [Fact]
    public void Succeeded_AfterASkippedOperation_IsLogged()
    {
        _faults.Skipped("get");
        _faults.Succeeded();

        Assert.Equal([(LogLevel.Warning, 2002), (LogLevel.Information, 2004)], Events());
    }

    [Fact]
    public void Succeeded_AfterEveryOutage_IsLogged()
    {
        _faults.Skipped("get");
        _faults.Succeeded();
        _faults.Skipped("get");
        _faults.Succeeded();

        Assert.Equal(2, _logger.Records.Count(record => record.EventId == 2004));
    }

    [Fact]
    public void Succeeded_AfterAnErrorThatRedisAnswered_IsNotLogged()
    {
        _faults.Failed(new RedisServerException(RedisErrorKind.OutOfMemory, CommandFlags.None, ""), "set");
        _faults.Succeeded();

        Assert.DoesNotContain(_logger.Records, record => record.EventId == 2004);
    }

    private IEnumerable<(LogLevel, int)> Events() => _logger.Records.Select(record => (record.Level, record.EventId));
}
