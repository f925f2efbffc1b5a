using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Diagnostics;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>Logs what went wrong at the door: the first fault of a kind as a warning, then at most one in half a minute; the rest for debugging.</summary>
/// <remarks>Exception messages are left out: the client and some servers put keys into theirs.</remarks>
internal sealed class FaultLog(ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, long> _lastWarnings = [];
    private volatile bool _failing;

    public void Failed(Exception fault, string operation)
    {
        var kind = KindOf(fault);
        if (ShouldWarn(kind))
        {
            OperationLog.RedisFailed(logger, operation, kind);
        }
        else
        {
            OperationLog.OperationFailed(logger, operation, kind);
        }

        _failing |= fault is not RedisServerException;
    }

    public void Skipped(string operation)
    {
        if (ShouldWarn("NotConnected"))
        {
            OperationLog.RedisNotConnected(logger, operation);
        }
        else
        {
            OperationLog.OperationSkipped(logger, operation);
        }

        _failing = true;
    }

    public void Succeeded()
    {
        if (_failing)
        {
            _failing = false;
            OperationLog.RedisRecovered(logger);
        }
    }

    private static string KindOf(Exception fault) => fault switch
    {
        RedisServerException error => error.Kind.ToString(),
        RedisConnectionException connection => connection.FailureType.ToString(),
        TimeoutException => "Timeout",
        _ => fault.GetType().Name,
    };

    private bool ShouldWarn(string kind)
    {
        var now = time.GetTimestamp();
        lock (_lastWarnings)
        {
            if (_lastWarnings.TryGetValue(kind, out var last) && time.GetElapsedTime(last, now) < Interval)
            {
                return false;
            }

            _lastWarnings[kind] = now;
            return true;
        }
    }
}
