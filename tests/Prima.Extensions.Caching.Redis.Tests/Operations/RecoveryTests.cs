using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Prima.Extensions.Caching.Redis.Operations;
using StackExchange.Redis;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Operations;

public sealed class RecoveryTests : IDisposable
{
    private readonly FakeTimeProvider _time = new() { AutoAdvanceAmount = TimeSpan.Zero };
    private readonly RecordingLogger _logger = new();
    private readonly ConcurrentQueue<string> _removed = [];
    private readonly Recovery _recovery;
    private volatile bool _isBack;
    private volatile Activity? _trace;

    public RecoveryTests() => _recovery = new(new(3, _time), TryRemoveAsync, _logger, _time);

    public void Dispose() => _recovery.Dispose();

    [Fact]
    public async Task Remember_OnceRedisIsBack_IsRemovedAndSaidOnce()
    {
        _recovery.Remember("a", mayStillBeWritten: false);
        _recovery.Remember("b", mayStillBeWritten: false);
        Assert.True(_recovery.Covers("a") && _recovery.Covers("b") && !_recovery.Covers("c"));
        _isBack = true;
        await UntilEmptyAsync();

        Assert.Equal(["a", "b"], _removed);
        Assert.Equal(2, _recovery.Replayed);
        Assert.Equal([2005, 2006], _logger.Records.Select(record => record.EventId));
    }

    [Fact]
    public async Task Remember_DuringARequest_IsMadeGoodOutsideItsTrace()
    {
        using var request = new Activity("request").Start();
        _recovery.Remember("a", mayStillBeWritten: false);
        _isBack = true;
        await UntilEmptyAsync();

        Assert.Equal(["a"], _removed);
        Assert.Null(_trace);
    }

    [Fact]
    public async Task Remember_OfAWrite_IsRemovedTwice()
    {
        _isBack = true;
        _recovery.Remember("a", mayStillBeWritten: true);
        await UntilEmptyAsync();

        Assert.Equal(["a", "a"], _removed);
        Assert.Equal(1, _recovery.Replayed);
    }

    [Fact]
    public async Task Forget_OfAWriteThatMayArriveLater_IsRemovedAllTheSame()
    {
        _recovery.Remember("a", mayStillBeWritten: true);
        _recovery.Forget("a", _recovery.Remembered);
        Assert.True(_recovery.Covers("a"));
        _isBack = true;
        await UntilEmptyAsync();

        Assert.Equal(["a", "a"], _removed);
    }

    [Fact]
    public void Forget_OfAWriteWhoseConnectionBroke_IsEndedByALaterWriteAndByNoRemoval()
    {
        _recovery.Remember("a", mayStillBeWritten: true, endsWithWrite: true);
        _recovery.Forget("a", _recovery.Remembered);
        Assert.True(_recovery.Covers("a"));
        _recovery.Forget("a", _recovery.Remembered, isWritten: true);
        Assert.False(_recovery.Covers("a"));
    }

    [Fact]
    public async Task Flush_OfWhatIsGivenUp_Ends()
    {
        _recovery.Remember("a", mayStillBeWritten: false);
        var flushed = _recovery.FlushAsync(TestContext.Current.CancellationToken);
        _recovery.Dispose();
        while (!flushed.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => flushed);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task BeginWrite_WhileTheKeyIsRemoved_WaitsForThat(bool isThrown)
    {
        var begun = new TaskCompletionSource();
        var answer = new TaskCompletionSource<bool>();
        using var recovery = new Recovery(new(3, _time), key => { begun.TrySetResult(); return answer.Task; }, _logger, _time);
        recovery.Remember("a", mayStillBeWritten: false);
        while (!begun.Task.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        var removal = recovery.BeginWrite("a", out var patience);
        Assert.False(removal!.IsCompleted);
        Assert.InRange(patience, TimeSpan.FromTicks(1), RecoveryJournal.Patience);
        if (isThrown)
        {
            answer.SetException(new InvalidOperationException("A log, say."));
        }
        else
        {
            answer.SetResult(false);
        }

        await removal;
        recovery.EndWrite("a");
        Assert.True(recovery.Covers("a"));
    }

    [Fact]
    public async Task Remember_OfMoreThanThereIsRoomFor_IsAnErrorOnceUntilItIsEmpty()
    {
        for (var outage = 1; outage <= 2; outage++)
        {
            _isBack = false;
            for (var i = 0; i < 8; i++)
            {
                _recovery.Remember($"k{i}", mayStillBeWritten: false);
            }

            Assert.Equal(5 * outage, _recovery.Dropped);
            Assert.Equal(outage, _logger.Records.Count(record => record is { EventId: 2007, Level: LogLevel.Error }));
            _isBack = true;
            await UntilEmptyAsync();
            await UntilAsync(() => _logger.Records.Count(record => record.EventId == 2006) == outage);
        }

        Assert.Contains("5 had been dropped", _logger.Records[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FlushAsync_CanceledToken_EndsTheWait()
    {
        _recovery.Remember("a", mayStillBeWritten: false);
        using var limit = new CancellationTokenSource();
        var flush = _recovery.FlushAsync(limit.Token);
        Assert.False(flush.IsCompleted);
        await limit.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flush);
    }

    [Fact]
    public async Task FlushAsync_Empty_IsDone() => await _recovery.FlushAsync(CancellationToken.None);

    [Fact]
    public void Dispose_WithKeysLeft_SaysHowMany()
    {
        _recovery.Remember("a", mayStillBeWritten: false);
        _recovery.Dispose();

        Assert.Contains("before 1 keys", Assert.Single(_logger.Records, record => record.EventId == 2008).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Remember_AfterDispose_IsNoFault()
    {
        _recovery.Dispose();
        _recovery.Remember("a", mayStillBeWritten: false);

        Assert.Equal(1, _recovery.Pending);
    }

    private Task<bool> TryRemoveAsync(RedisKey key)
    {
        if (_isBack)
        {
            _trace = Activity.Current;
            _removed.Enqueue(key.ToString());
        }

        return Task.FromResult(_isBack);
    }

    private Task UntilEmptyAsync() => UntilAsync(() => _recovery.Pending == 0);

    private async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 10_000 && !condition(); i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Delay(1);
        }

        Assert.True(condition());
    }
}
