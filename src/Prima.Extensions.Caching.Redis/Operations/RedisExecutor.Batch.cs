using System.Buffers;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

internal sealed partial class RedisExecutor
{
    // 16,384 slots, and -1 for a server that has none.
    private const int SlotsAndNone = 16385;

    /// <summary>Sends all commands of <paramref name="batch"/>, then reads their answers in the same order. Faults become the batch's.</summary>
    public async ValueTask ExecuteAsync(IRedisBatch batch)
    {
        var sent = ArrayPool<Sending>.Shared.Rent(batch.CommandCount);
        var extensions = new List<TtlExtension>();
        for (var command = 0; command < batch.CommandCount; command++)
        {
            sent[command] = await SendAsync(batch, command, scriptsByText: false).ConfigureAwait(false);
        }

        for (var command = 0; command < batch.CommandCount; command++)
        {
            var sending = sent[command];
            sent[command] = default;
            var fault = await FaultOfAsync(sending).ConfigureAwait(false);
            if (fault is RedisServerException { Kind: RedisErrorKind.NoScript })
            {
                sending = await SendAsync(batch, command, scriptsByText: true).ConfigureAwait(false);
                fault = await FaultOfAsync(sending).ConfigureAwait(false);
            }

            Settle(batch, command, sending, fault, extensions);
        }

        ArrayPool<Sending>.Shared.Return(sent);
    }

    /// <summary>Executes one operation for a batch, which wants to know of a fault whatever the failure mode is.</summary>
    public async Task<(TResult? Result, Exception? Fault)> TryExecuteAsync<TOperation, TResult>(TOperation operation)
        where TOperation : struct, IRedisOperation<TResult>
    {
        try
        {
            return (await ExecuteAsync<TOperation, TResult>(operation, asynchronous: true, FailureMode.Throw, CancellationToken.None).ConfigureAwait(false), null);
        }
        catch (Exception fault) when (IsFault(fault, CancellationToken.None))
        {
            return (default, fault);
        }
    }

    /// <summary>Which keys one command can have together: those with the same number. It says nothing before <paramref name="key"/>'s connection was made.</summary>
    public async ValueTask<int> GroupOfAsync(RedisKey key)
    {
        var (connection, index) = connections.IndexedFor(key);
        try
        {
            var database = connection.Database ?? await connection.ConnectAsync(CancellationToken.None).ConfigureAwait(false);
            return (index * SlotsAndNone) + 1 + database.Multiplexer.HashSlot(key);
        }
        catch (Exception fault) when (IsFault(fault, CancellationToken.None))
        {
            // The command will meet the same fault.
            return index * SlotsAndNone;
        }
    }

    private async ValueTask<Sending> SendAsync(IRedisBatch batch, int command, bool scriptsByText)
    {
        var key = batch.KeyOf(command);
        var connection = connections.For(key);
        try
        {
            var database = connection.Database ?? await connection.ConnectAsync(CancellationToken.None).ConfigureAwait(false);
            if (failureMode == FailureMode.Degrade && !connection.IsUsable(key))
            {
                return default;
            }

            var request = RespRequest.Begin(scriptsByText);
            batch.Write(request, command);
            return new(database, database.SendAsync(request));
        }
        catch (Exception fault) when (IsFault(fault, CancellationToken.None))
        {
            return new(null, Task.FromException<RespResult>(fault));
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<Exception?> FaultOfAsync(Sending sending)
    {
        if (sending.Reply is not { } reply)
        {
            return null;
        }

        // Without a throw and a catch for each command of an outage.
        await ((Task)reply).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return reply.IsFaulted ? (reply.Exception.InnerException as RedisServerException)?.WithoutArguments() ?? reply.Exception.InnerException
            : reply.IsCanceled ? new RedisConnectionException(ConnectionFailureType.ConnectionDisposed, CommandFlags.None, "The connection to Redis was closed.")
            : null;
    }

    private void Settle(IRedisBatch batch, int command, Sending sending, Exception? fault, List<TtlExtension> extensions)
    {
        if (sending.Reply is null)
        {
            faults.Skipped(batch.Name);
            batch.Skip(command);
            return;
        }

        if (fault is null)
        {
            fault = Read(batch, command, sending, extensions);
        }

        if (fault is null)
        {
            faults.Succeeded();
        }
        else if (batch.Fail(command, fault))
        {
            faults.Failed(fault, batch.Name);
        }
    }

    private static UnexpectedReplyException? Read(IRedisBatch batch, int command, Sending sending, List<TtlExtension> extensions)
    {
        using var reply = sending.Reply!.Result;
        try
        {
            batch.Read(reply, command, extensions);
        }
        catch (UnexpectedReplyException fault)
        {
            return fault;
        }

        foreach (var extension in extensions)
        {
            Extend(sending.Database!, extension);
        }

        extensions.Clear();
        return null;
    }

    /// <param name="Database">Where the command went.</param>
    /// <param name="Reply">The reply to come; <see langword="null"/> = not sent.</param>
    private readonly record struct Sending(IDatabase? Database, Task<RespResult>? Reply);
}
