namespace Prima.Extensions.Caching.Redis.Operations;

internal static class ReplyCancellation
{
    /// <summary>Stops waiting when <paramref name="token"/> is cancelled. The command may still be carried out; its reply is then thrown away.</summary>
    public static Task<TReply> OrCanceled<TReply>(this Task<TReply> reply, CancellationToken token)
        where TReply : IDisposable? =>
        reply.IsCompleted || !token.CanBeCanceled ? reply : WaitAsync(reply, token);

    private static async Task<TReply> WaitAsync<TReply>(Task<TReply> reply, CancellationToken token)
        where TReply : IDisposable?
    {
        try
        {
            return await reply.WaitAsync(token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            _ = reply.ContinueWith(Discard, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }
    }

    private static void Discard<TReply>(Task<TReply> reply)
        where TReply : IDisposable?
    {
        if (reply.IsCompletedSuccessfully)
        {
            reply.Result?.Dispose();
        }
        else
        {
            _ = reply.Exception;
        }
    }
}
