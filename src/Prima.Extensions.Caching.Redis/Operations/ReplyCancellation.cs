using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

internal static class ReplyCancellation
{
    /// <summary>Stops waiting when <paramref name="token"/> is cancelled. The command may still be carried out; its reply is then thrown away.</summary>
    public static Task<RespResult> OrCanceled(this Task<RespResult> reply, CancellationToken token) =>
        reply.IsCompleted || !token.CanBeCanceled ? reply : WaitAsync(reply, token);

    private static async Task<RespResult> WaitAsync(Task<RespResult> reply, CancellationToken token)
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

    private static void Discard(Task<RespResult> reply)
    {
        if (reply.IsCompletedSuccessfully)
        {
            reply.Result.Dispose();
        }
        else
        {
            _ = reply.Exception;
        }
    }
}
