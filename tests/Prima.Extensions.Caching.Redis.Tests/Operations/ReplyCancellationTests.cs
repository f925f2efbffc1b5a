using Prima.Extensions.Caching.Redis.Operations;
using StackExchange.Redis;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Operations;

public class ReplyCancellationTests
{
    private static readonly CancellationToken Cancelled = new(canceled: true);

    [Fact]
    public async Task OrCanceled_CancelledWhilePending_Throws()
    {
        using var cancellation = new CancellationTokenSource();
        var waiting = new TaskCompletionSource<RespResult>().Task.OrCanceled(cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task OrCanceled_CancelledWhilePending_ExceptionHasTheToken()
    {
        using var cancellation = new CancellationTokenSource();
        var waiting = new TaskCompletionSource<RespResult>().Task.OrCanceled(cancellation.Token);

        await cancellation.CancelAsync();

        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(cancellation.Token, exception.CancellationToken);
    }

    [Fact]
    public void OrCanceled_ReplyAlreadyThere_PassesInSpiteOfTheCancellation()
    {
        // Not Task.FromResult: the runtime shares that one task for null.
        var reply = new TaskCompletionSource<RespResult>();
        reply.SetResult(null!);

        Assert.Same(reply.Task, reply.Task.OrCanceled(Cancelled));
    }

    [Fact]
    public async Task OrCanceled_ReplyBeforeTheCancellation_Passes()
    {
        using var cancellation = new CancellationTokenSource();
        var reply = new TaskCompletionSource<RespResult>();
        var waiting = reply.Task.OrCanceled(cancellation.Token);

        reply.SetResult(null!);
        await waiting.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.True(waiting.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task OrCanceled_FaultWhilePending_ReachesTheCaller()
    {
        using var cancellation = new CancellationTokenSource();
        var reply = new TaskCompletionSource<RespResult>();
        var waiting = reply.Task.OrCanceled(cancellation.Token);

        reply.SetException(new TimeoutException());

        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
    }

    [Fact]
    public void OrCanceled_TokenThatCannotBeCancelled_IsTheReplyItself()
    {
        var reply = new TaskCompletionSource<RespResult>().Task;

        Assert.Same(reply, reply.OrCanceled(CancellationToken.None));
    }

    [Fact]
    public void OrCanceled_FaultAfterTheCancellation_IsObserved() => Assert.False(UnobservedFaults.AreLeftBy(FailAfterCancellation));

    private static void FailAfterCancellation(string message)
    {
        using var cancellation = new CancellationTokenSource();
        var reply = new TaskCompletionSource<RespResult>();
        var waiting = reply.Task.OrCanceled(cancellation.Token);
        cancellation.Cancel();
        Assert.True(((IAsyncResult)waiting).AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
        reply.SetException(new TimeoutException(message));
    }
}
