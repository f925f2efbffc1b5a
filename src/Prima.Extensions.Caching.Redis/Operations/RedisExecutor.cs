using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Connections;
using RESPite.Messages;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>The one door to Redis: connection, command, and what becomes of a fault.</summary>
internal sealed partial class RedisExecutor(ConnectionPool connections, FailureMode failureMode, FaultLog faults) : IDisposable, IAsyncDisposable
{
    // A slot that moves on and on is a fault.
    private const int MostMoves = 3;

    public ConnectionPool Connections => connections;

    public static RedisExecutor Create(PrimaRedisCacheOptions options, ILoggerFactory loggerFactory, TimeProvider time) =>
        new(
            ConnectionPool.Create(options, loggerFactory, time),
            options.FailureMode,
            new FaultLog(loggerFactory.CreateLogger(typeof(PrimaRedisCache).FullName!), time));

    public TResult Execute<TOperation, TResult>(TOperation operation)
        where TOperation : struct, IRedisOperation<TResult>
    {
        var execution = ExecuteAsync<TOperation, TResult>(operation, asynchronous: false, failureMode, CancellationToken.None);
        Debug.Assert(execution.IsCompleted, "The synchronous path awaits nothing.");
        return execution.GetAwaiter().GetResult();
    }

    public ValueTask<TResult> ExecuteAsync<TOperation, TResult>(TOperation operation, CancellationToken token)
        where TOperation : struct, IRedisOperation<TResult>
        => ExecuteAsync<TOperation, TResult>(operation, asynchronous: true, failureMode, token);

    public void Dispose() => connections.Dispose();

    public ValueTask DisposeAsync() => connections.DisposeAsync();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TResult> ExecuteAsync<TOperation, TResult>(TOperation operation, bool asynchronous, FailureMode mode, CancellationToken token)
        where TOperation : struct, IRedisOperation<TResult>
    {
        var connection = connections.For(operation.Key);
        var scriptsByText = false;
        var isRedirected = false;
        var moves = 0;
        RedisServerException? refusal = null;
        for (var step = operation.FirstStep; ;)
        {
            try
            {
                var database = connection.Database
                    ?? (asynchronous ? await connection.ConnectAsync(token).ConfigureAwait(false) : connection.Connect());
                if (mode == FailureMode.Degrade && !connection.IsUsable(operation.Key))
                {
                    faults.Skipped(TOperation.Name);
                    return operation.Degraded;
                }

                var request = Request<TOperation, TResult>(operation, step, scriptsByText);
                bool isSettled;
                TResult result;
                if (isRedirected && request.CommandCount == 1)
                {
                    var reply = asynchronous
                        ? await database.SendRedirectedAsync(request).WaitAsync(token).ConfigureAwait(false)
                        : database.SendRedirected(request);
                    isSettled = TryRead(database, operation, new RespReader(reply), ref step, out result);
                }
                else
                {
                    using var reply = asynchronous
                        ? await database.SendAsync(request).OrCanceled(token).ConfigureAwait(false)
                        : database.Send(request);
                    isSettled = TryRead(database, operation, reply.Read(), ref step, out result);
                }

                if (!isSettled)
                {
                    continue;
                }

                faults.Succeeded();
                return result;
            }
            catch (RedisConnectionException fault) when (!isRedirected && fault.IsAsk())
            {
                isRedirected = true;
            }
            catch (RedisServerException error)
            {
                if (error.Kind == RedisErrorKind.NoScript && !scriptsByText)
                {
                    scriptsByText = true;
                    continue;
                }

                // The client has learnt where the slot is.
                if (error.Kind == RedisErrorKind.Moved && moves++ < MostMoves)
                {
                    continue;
                }

                if (operation.TryNextStep(error.Kind, ref step))
                {
                    refusal = error;
                    continue;
                }

                if (operation.TryRead(error.Kind, out var answer))
                {
                    return answer;
                }

                // EXECABORT says just that something was refused; why this step was tried says what.
                var cause = (error.Kind == RedisErrorKind.ExecAbort && refusal is not null ? refusal : error).WithoutArguments();
                if (!TryDegrade(cause, TOperation.Name, mode, token))
                {
                    ExceptionDispatchInfo.Throw(cause);
                }

                return operation.Degraded;
            }
            catch (Exception fault) when (IsFault(fault, token))
            {
                if (!TryDegrade(fault, TOperation.Name, mode, token))
                {
                    throw;
                }

                return operation.Degraded;
            }
        }
    }

    private static bool TryRead<TOperation, TResult>(IDatabase database, TOperation operation, RespReader reply, ref int step, out TResult result)
        where TOperation : struct, IRedisOperation<TResult>
    {
        if (reply.Prefix == RespPrefix.None)
        {
            reply.MoveNext();
        }

        var isSettled = operation.TryRead(reply, ref step, out result, out var newTimeToLive);
        if (newTimeToLive is not null)
        {
            Extend(database, new(operation.Key, newTimeToLive.Value));
        }

        return isSettled;
    }

    // Nobody waits for it: a TTL that is not extended is an entry that ends early, which is a miss and no harm.
    private static void Extend(IDatabase database, TtlExtension extension) =>
        _ = database.KeyExpireAsync(extension.Key, extension.TimeToLive, ExpireWhen.Always, CommandFlags.FireAndForget);

    private static RespRequest Request<TOperation, TResult>(TOperation operation, int step, bool scriptsByText)
        where TOperation : struct, IRedisOperation<TResult>
    {
        var request = RespRequest.Begin(scriptsByText);
        operation.Write(request, step);
        return request;
    }

    // The client cancels what was under way when its multiplexer is closed: a fault too, unless it was this cache or this caller.
    private bool IsFault(Exception exception, CancellationToken token) => exception switch
    {
        RedisException or TimeoutException => true,
        ObjectDisposedException or OperationCanceledException => !connections.IsDisposed && !token.IsCancellationRequested,
        _ => false,
    };

    private bool TryDegrade(Exception fault, string operation, FailureMode mode, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        faults.Failed(fault, operation);
        return mode == FailureMode.Degrade;
    }
}
