using System.Diagnostics;
using System.Net;
using Prima.Extensions.Caching.Redis.Connections;
using Prima.Extensions.Caching.Redis.Diagnostics;
using Prima.Extensions.Caching.Redis.Operations;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>A primary that announces changes to this node: one session after the other, for as long as it is a primary.</summary>
internal sealed class TrackedPrimary(EndPoint endPoint, TrackingTarget target) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    // An error that is not about a right may pass. After this many in a row it is what the server has to say.
    private const int MostErrors = 5;

    private readonly CancellationTokenSource _end = new();
    private readonly ArmedTime _armed = new();
    private TimeSpan _pause = FirstPause;
    private int _errors;
    private Task _running = Task.CompletedTask;
    private volatile TrackingSession? _session;

    public EndPoint EndPoint => endPoint;

    /// <summary>The session under way, armed or about to be.</summary>
    public TrackingSession? Session => _session;

    public bool IsArmedAt(long now) => _armed.IsArmedAt(now);

    public void Start() => _running = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        _armed.Disarm();
        await _end.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await RunSessionAsync().ConfigureAwait(false);
            }
            catch (RedisServerException error)
            {
                CoherenceLog.TrackingNotArmed(target.Logger, EndPoint.ToString(), error.Kind.ToString());
                if (error.Kind.Refuses() || (!error.Kind.IsTransient() && ++_errors >= MostErrors))
                {
                    target.Refused(error.Kind.ToString());
                    return;
                }
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // Whatever a server answers, the next session may be better.
                CoherenceLog.TrackingNotArmed(target.Logger, EndPoint.ToString(), fault.GetType().Name);
            }

            await Task.Delay(_pause, target.Time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _pause = TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, LongestPause.Ticks));
        }
    }

    private async Task RunSessionAsync()
    {
        var session = await ConnectAsync().ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        try
        {
            _session = session;
            await session.ArmAsync().ConfigureAwait(false);
            await ProbeAsync(session).ConfigureAwait(false);
        }
        finally
        {
            _session = null;
            Lose("it did not answer in time, or is no primary any more");
        }
    }

    private async Task<TrackingSession> ConnectAsync()
    {
        var connecting = TrackingSession.ConnectAsync(target.Configuration, endPoint, target.Prefix, target.Announced, () => Lose("its connection was lost"));
        try
        {
            return await connecting.WaitAsync(_end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The client cannot be told to give up, and nobody is to wait for it.
            connecting.Ignore();
            _ = connecting.ContinueWith(static connected => connected.Result.DisposeAsync().AsTask(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    private async Task ProbeAsync(TrackingSession session)
    {
        for (var isFirst = true; !_end.IsCancellationRequested && !session.IsLost; isFirst = false)
        {
            var askedAt = ArmedTime.Now;
            var asked = Stopwatch.GetTimestamp();
            var probing = session.ProbeAsync();
            probing.Ignore();
            if (!await probing.WaitAsync(ArmedTime.ProbeTimeout, target.Time).ConfigureAwait(false))
            {
                return;
            }

            target.Sink.TookIn(Stopwatch.GetElapsedTime(asked));

            if (isFirst)
            {
                Arm(askedAt, session);
            }
            else
            {
                Extend(askedAt);
            }

            await Task.WhenAny(Task.Delay(ArmedTime.ProbeInterval, target.Time, _end.Token), session.Lost).ConfigureAwait(false);
        }
    }

    // What was read before may be old. What is read from here on is announced: L1 may keep it as soon as it is empty.
    private void Arm(long askedAt, TrackingSession session)
    {
        _pause = FirstPause;
        _errors = 0;
        target.Arming();
        target.Sink.Clear(ClearReason.Armed);
        _armed.Arm(askedAt);
        if (session.IsLost)
        {
            Lose("its connection was lost");
            return;
        }

        CoherenceLog.TrackingArmed(target.Logger, EndPoint.ToString());
    }

    // After a time without proof, such as that of a stopped process, the primaries are proven one after the other, and an entry may depend on two: its own and its tag's.
    private void Extend(long askedAt)
    {
        if (!_armed.IsArmed)
        {
            target.Sink.Clear(ClearReason.Armed);
        }

        _armed.Extend(askedAt);
    }

    private void Lose(string reason)
    {
        if (_armed.Disarm() && !_end.IsCancellationRequested)
        {
            CoherenceLog.TrackingLost(target.Logger, EndPoint.ToString(), reason);
            target.Sink.Clear(ClearReason.ConnectionLost);
        }
    }
}
