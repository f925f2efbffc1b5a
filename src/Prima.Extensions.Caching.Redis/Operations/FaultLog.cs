using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Diagnostics;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>Logs an outage once: the first fault of a kind as a warning, the rest for debugging, and its end.</summary>
/// <remarks>It counts every fault. Exception messages are left out: the client and some servers put keys into theirs.</remarks>
internal sealed class FaultLog(ILogger logger, CacheTelemetry telemetry, TimeProvider time)
{
    // A kind of fault that did not occur for this long is news again.
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(30);

    // Where one node of several is away, successes and faults alternate: that is not the end.
    private static readonly TimeSpan RecoveryTime = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _lastSeen = [];
    private volatile bool _failing;
    private long _failingSince;
    private long _lastFault;
    private long _failed;
    private long _skipped;

    public void Failed(Exception fault, string operation)
    {
        var kind = FaultKind.Of(fault);
        telemetry.Failed(operation, kind);
        if (IsNews(kind, ref _failed))
        {
            OperationLog.RedisFailed(logger, operation, kind);
        }
        else
        {
            OperationLog.OperationFailed(logger, operation, kind);
        }
    }

    public void Skipped(string operation)
    {
        telemetry.Failed(operation, FaultKind.NotConnected);
        if (IsNews(FaultKind.NotConnected, ref _skipped))
        {
            OperationLog.RedisNotConnected(logger, operation);
        }
        else
        {
            OperationLog.OperationSkipped(logger, operation);
        }
    }

    public void Succeeded()
    {
        if (_failing)
        {
            NoteSuccess();
        }
    }

    private void NoteSuccess()
    {
        TimeSpan duration;
        long failed, skipped;
        lock (_gate)
        {
            if (!_failing || time.GetElapsedTime(_lastFault) < RecoveryTime)
            {
                return;
            }

            _failing = false;
            (duration, failed, skipped) = (time.GetElapsedTime(_failingSince), _failed, _skipped);
            _failed = _skipped = 0;
        }

        OperationLog.RedisRecovered(logger, duration, failed, skipped);
    }

    private bool IsNews(string kind, ref long count)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            count++;
            _lastFault = now;
            var isNews = !_lastSeen.TryGetValue(kind, out var last) || time.GetElapsedTime(last, now) >= QuietTime;
            _lastSeen[kind] = now;
            if (isNews && !_failing)
            {
                _failing = true;
                _failingSince = now;
            }

            return isNews;
        }
    }
}
