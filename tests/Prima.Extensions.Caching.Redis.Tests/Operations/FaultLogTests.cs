using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Prima.Extensions.Caching.Redis.Diagnostics;
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

    public FaultLogTests() => _faults = new(_logger, new(CacheMetrics.Shared, "test"), _time);

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
    public void Failed_AgainAfterAQuietHalfMinute_IsAWarning()
    {
        _faults.Failed(new TimeoutException(), "get");
        _time.Advance(TimeSpan.FromSeconds(30));
        _faults.Failed(new TimeoutException(), "get");

        Assert.Equal([(LogLevel.Warning, 2000), (LogLevel.Warning, 2000)], Events());
    }

    [Fact]
    public void Failed_OnAndOn_IsOneWarning()
    {
        for (var second = 0; second < 90; second++)
        {
            _faults.Failed(new TimeoutException(), "get");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Single(_logger.Records, record => record.Level == LogLevel.Warning);
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
    public void Skipped_AgainAfterAQuietHalfMinute_IsAWarning()
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Succeeded_ASecondAfterTheLastFault_IsLoggedOnce(bool isSkipped)
    {
        Fail(isSkipped);
        Recover();
        Recover();

        Assert.Equal([(LogLevel.Warning, isSkipped ? 2002 : 2000), (LogLevel.Information, 2004)], Events());
    }

    [Fact]
    public void Succeeded_InTurnWithFaults_IsNotLogged()
    {
        // One node of several is away.
        for (var i = 0; i < 10; i++)
        {
            _faults.Failed(new TimeoutException(), "get");
            _time.Advance(TimeSpan.FromMilliseconds(900));
            _faults.Succeeded();
        }

        Assert.DoesNotContain(_logger.Records, record => record.EventId == 2004);
    }

    [Fact]
    public void Succeeded_AfterAnOutage_SaysHowLongItWasAndHowMuchItCost()
    {
        _faults.Failed(new TimeoutException(), "get");
        _time.Advance(TimeSpan.FromSeconds(9));
        _faults.Skipped("get");
        _faults.Skipped("set");
        Recover();

        Assert.Equal("Redis serves again, after 00:00:10: 1 operations failed and 2 were not sent.", _logger.Records[^1].Message);
    }

    [Fact]
    public void Succeeded_AfterEveryOutage_IsLogged()
    {
        Fail(isSkipped: true);
        Recover();
        _time.Advance(TimeSpan.FromMinutes(1));
        Fail(isSkipped: true);
        Recover();

        Assert.Equal(2, _logger.Records.Count(record => record.EventId == 2004));
    }

    private void Fail(bool isSkipped)
    {
        if (isSkipped)
        {
            _faults.Skipped("get");
        }
        else
        {
            _faults.Failed(new TimeoutException(), "get");
        }
    }

    private void Recover()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        _faults.Succeeded();
    }

    private IEnumerable<(LogLevel, int)> Events() => _logger.Records.Select(record => (record.Level, record.EventId));
}
