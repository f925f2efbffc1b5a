using System.Buffers;
using System.Runtime.CompilerServices;
using Prima.Extensions.Caching.Redis.Connections;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

internal sealed partial class RedisExecutor
{
    // 16,384 slots, and -1 for a server that has none.
    private const int SlotsAndNone = 16385;

    /// <summary>Sends all commands of <paramref name="batch"/>, then reads their answers in the same order. Faults become the batch's.</summary>
    /// <remarks>
    /// 1. What is not connected yet is, once for all commands. 2. The batch is divided into commands. 3. All are sent. 4. Their answers are read as they come.
    /// 5. From the first on whose script the server does not know, they are sent again with its text.
    /// </remarks>
    public async ValueTask ExecuteAsync(IRedisBatch batch)
    {
        var unconnected = await ConnectAsync().ConfigureAwait(false);
        batch.Order(GroupOf);
        var count = batch.CommandCount;
        var sent = ArrayPool<Sending>.Shared.Rent(count);
        for (var command = 0; command < count; command++)
        {
            sent[command] = Send(batch, command, scriptsByText: false, unconnected);
            if (sent[command].Reply is null && await ReturnsAsync(batch.KeyOf(command)).ConfigureAwait(false))
            {
                sent[command] = Send(batch, command, scriptsByText: false, unconnected);
            }
        }

        // Each as soon as it is there, while those after it are still under way.
        var extensions = new List<TtlExtension>();
        var isResent = false;
        for (var command = 0; command < count; command++)
        {
            await sent[command].CompletionAsync();
            if (!isResent && sent[command].IsUnknownScript)
            {
                await ResendAsync(batch, sent, command, count, unconnected).ConfigureAwait(false);
                isResent = true;
            }

            Settle(batch, command, sent[command], extensions);
            sent[command] = default;
        }

        ArrayPool<Sending>.Shared.Return(sent);
    }

    /// <summary>Executes one operation for a batch, which sees to the rest.</summary>
    public ValueTask<Attempt<TResult>> TryExecuteAsync<TOperation, TResult>(TOperation operation)
        where TOperation : struct, IRedisOperation<TResult>
        => TryAsync<TOperation, TResult>(operation, asynchronous: true, CancellationToken.None);

    /// <summary>Takes note of what a batch was refused before Redis was asked.</summary>
    public void Refused(Exception fault, string operation) => _faults.Failed(fault, operation);

    /// <inheritdoc cref="FaultExplanation.Explain"/>
    public Exception Explain(Exception fault, string operation, RedisKey key) =>
        FaultExplanation.Explain(fault, operation, _connections.For(key), key);

    /// <inheritdoc cref="RedisConnection.AnswersAsync"/>
    public ValueTask AnswersAsync(RedisKey key) => _connections.For(key).AnswersAsync(key);

    /// <summary>Makes the connections that are not made yet.</summary>
    /// <returns>Why one could not be, if so.</returns>
    private async ValueTask<Exception?> ConnectAsync()
    {
        // As a rule there is nothing to wait for.
        List<Task>? connecting = null;
        foreach (var connection in _connections.All)
        {
            if (connection.Database is null)
            {
                // Ignored too, because the first that throws may end the wait for all.
                var attempt = connection.ConnectAsync(_failureMode, CancellationToken.None).AsTask();
                attempt.Ignore();
                (connecting ??= []).Add(attempt);
            }
        }

        Exception? unconnected = null;
        foreach (var connection in connecting ?? [])
        {
            try
            {
                await connection.ConfigureAwait(false);
            }
            catch (Exception fault) when (IsFault(fault, CancellationToken.None))
            {
                unconnected = fault;
            }
        }

        return unconnected;
    }

    private ValueTask<bool> ReturnsAsync(RedisKey key) => _connections.For(key).ReturnsAsync(key, CancellationToken.None);

    private int GroupOf(RedisKey key)
    {
        var (connection, index) = _connections.IndexedFor(key);
        return (index * SlotsAndNone) + 1 + (connection.Database?.Multiplexer.HashSlot(key) ?? -1);
    }

    private Sending Send(IRedisBatch batch, int command, bool scriptsByText, Exception? unconnected)
    {
        var key = batch.KeyOf(command);
        var connection = _connections.For(key);
        if (connection.Database is not { } database)
        {
            return unconnected is null && _failureMode == FailureMode.Degrade ? default : new(null, Task.FromException<RespResult>(unconnected ?? FaultExplanation.ClosedConnection()));
        }

        if (_failureMode == FailureMode.Degrade && !connection.IsUsable(key))
        {
            return default;
        }

        try
        {
            var request = RespRequest.Begin(scriptsByText);
            batch.Write(request, command);
            return new(database, database.SendAsync(request));
        }
        catch (Exception fault) when (IsFault(fault, CancellationToken.None))
        {
            return new(null, Task.FromException<RespResult>(fault));
        }
    }

    /// <summary>Sends the command at <paramref name="first"/>, and all after it that were sent, with the text of their scripts.</summary>
    private async ValueTask ResendAsync(IRedisBatch batch, Sending[] sent, int first, int count, Exception? unconnected)
    {
        for (var command = first; command < count; command++)
        {
            await sent[command].CompletionAsync();
        }

        for (var command = first; command < count; command++)
        {
            // Also what was answered: it may be of the same key, and has to come later this time too. If it cannot be sent again, that answer stands.
            var isUnknown = sent[command].IsUnknownScript;
            if (isUnknown || sent[command].Reply is not null)
            {
                var again = Send(batch, command, scriptsByText: true, unconnected);
                if (isUnknown || again.Reply is not null)
                {
                    sent[command].Discard();
                    sent[command] = again;
                }
            }
        }

        await sent[first].CompletionAsync();
    }

    private void Settle(IRedisBatch batch, int command, Sending sending, List<TtlExtension> extensions)
    {
        if (sending.Reply is null)
        {
            _faults.Skipped(batch.Name);
            batch.Skip(command);
            return;
        }

        var fault = sending.Fault ?? Read(batch, command, sending, extensions);
        if (fault is null)
        {
            _faults.Succeeded();
        }
        else if (batch.Fail(command, fault))
        {
            _faults.Failed(fault, batch.Name);
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
            extensions.Clear();
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
    private readonly record struct Sending(IDatabase? Database, Task<RespResult>? Reply)
    {
        /// <summary>What went wrong, once the reply is complete.</summary>
        public Exception? Fault => Reply switch
        {
            { IsFaulted: true, Exception.InnerException: RedisServerException error } => error.WithoutArguments(),
            { IsFaulted: true } faulted => faulted.Exception.InnerException,
            { IsCanceled: true } => FaultExplanation.ClosedConnection(),
            _ => null,
        };

        public bool IsUnknownScript => Fault is RedisServerException { Kind: RedisErrorKind.NoScript };

        /// <summary>Waits for the reply, without a throw and a catch for each command of an outage.</summary>
        public ConfiguredTaskAwaitable CompletionAsync() => ((Task?)Reply ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        /// <summary>Gives back the memory of a reply that nobody will read.</summary>
        public void Discard()
        {
            if (Reply is { IsCompletedSuccessfully: true })
            {
                Reply.Result.Dispose();
            }
        }
    }
}
