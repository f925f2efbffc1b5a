using Prima.Extensions.Caching.Redis.Connections;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>Sends a request: one command as it is, several as a transaction whose answer is that of the last command.</summary>
internal static class RequestSending
{
    public static RespResult Send(this IDatabase database, RespRequest request)
    {
        try
        {
            if (request.CommandCount == 1)
            {
                return database.ExecuteResp(request.NameOf(0), request.ArgumentsOf(0), CommandFlags.NoRedirect);
            }

            var (transaction, replies) = Queue(database, request);
            try
            {
                return transaction.Execute(CommandFlags.NoRedirect) ? TakeLast(replies.Select(database.Wait)) : throw NotApplied();
            }
            catch
            {
                IgnoreAll(replies);
                throw;
            }
        }
        finally
        {
            request.Clear();
        }
    }

    public static Task<RespResult> SendAsync(this IDatabase database, RespRequest request)
    {
        try
        {
            return request.CommandCount == 1
                ? database.ExecuteRespAsync(request.NameOf(0), request.ArgumentsOf(0), CommandFlags.NoRedirect)
                : SendTransactionAsync(database, request);
        }
        finally
        {
            request.Clear();
        }
    }

    private static async Task<RespResult> SendTransactionAsync(IDatabase database, RespRequest request)
    {
        var (transaction, replies) = Queue(database, request);
        try
        {
            return await transaction.ExecuteAsync(CommandFlags.NoRedirect).ConfigureAwait(false)
                ? TakeLast(await Task.WhenAll(replies).ConfigureAwait(false))
                : throw NotApplied();
        }
        catch
        {
            IgnoreAll(replies);
            throw;
        }
    }

    // Queuing renders every argument, so the request is free when this returns.
    private static (ITransaction Transaction, Task<RespResult>[] Replies) Queue(IDatabase database, RespRequest request)
    {
        try
        {
            var transaction = database.CreateTransaction();
            var replies = new Task<RespResult>[request.CommandCount];
            for (var i = 0; i < replies.Length; i++)
            {
                replies[i] = transaction.ExecuteRespAsync(request.NameOf(i), request.ArgumentsOf(i));
            }

            return (transaction, replies);
        }
        catch (RedisCommandException missing)
        {
            // The client's own list of commands lacks one: as if the server had said so.
            throw new RedisServerException(RedisErrorKind.UnknownCommand, CommandFlags.None, missing.Message);
        }
    }

    private static RespResult TakeLast(IEnumerable<RespResult> replies)
    {
        RespResult? last = null;
        foreach (var reply in replies)
        {
            last?.Dispose();
            last = reply;
        }

        return last!;
    }

    private static void IgnoreAll(Task[] replies) => Array.ForEach(replies, static reply => reply.Ignore());

    private static RedisServerException NotApplied() =>
        new(RedisErrorKind.ExecAbort, CommandFlags.None, "Redis did not apply the transaction.");
}
