using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Connections;
using Prima.Extensions.Caching.Redis.Diagnostics;
using RESPite.Messages;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Operations;

/// <summary>The one door to Redis: connection, command, measurement, and what becomes of a fault.</summary>
/// <remarks>
/// 1. A read of a key whose removal Redis missed is a miss; a write of it waits for that removal, if it is under way. 2. A server that is not connected, or is silent, is not asked, where the application is to go on
/// without. 3. The command is sent, and its answer awaited. 4. What Redis missed is remembered. 5. The caller gets the answer, the degraded one, or the fault.
/// </remarks>
internal sealed partial class RedisExecutor : IDisposable, IAsyncDisposable
{
    // A slot that moves on and on is a fault.
    private const int MostMoves = 3;

    // A replica may not have what its primary has acknowledged; redirections are seen to as those of requests are.
    private const CommandFlags StringReadFlags = CommandFlags.DemandMaster | CommandFlags.NoRedirect;

    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(1);

    private readonly ConnectionPool _connections;
    private readonly FailureMode _failureMode;
    private readonly CacheTelemetry _telemetry;
    private readonly FaultLog _faults;
    private readonly Recovery _recovery;
    private readonly string _tagStamps;
    private readonly TimeProvider _time;

    public RedisExecutor(PrimaRedisCacheOptions options, CacheTelemetry telemetry, ILoggerFactory loggerFactory, TimeProvider time)
    {
        var logger = loggerFactory.CreateLogger(typeof(PrimaRedisCache).FullName!);
        _connections = ConnectionPool.Create(options, loggerFactory, time);
        _failureMode = options.FailureMode;
        _time = time;
        _telemetry = telemetry;
        _faults = new(logger, telemetry, time);
        _recovery = new(new(options.JournalCapacity, time), TryRemoveAsync, logger, time);
        _tagStamps = options.InstanceName + "__MSFT_HCT__";
        telemetry.Observe(State);
    }

    public ConnectionPool Connections => _connections;

    public TResult Execute<TOperation, TResult>(TOperation operation)
        where TOperation : struct, IRedisOperation<TResult>
    {
        var execution = BeginAsync<TOperation, TResult>(operation, asynchronous: false, CancellationToken.None);
        Debug.Assert(execution.IsCompleted, "The synchronous path awaits nothing.");
        return execution.GetAwaiter().GetResult();
    }

    public ValueTask<TResult> ExecuteAsync<TOperation, TResult>(TOperation operation, CancellationToken token)
        where TOperation : struct, IRedisOperation<TResult>
        => BeginAsync<TOperation, TResult>(operation, asynchronous: true, token);

    /// <summary>Waits until all that Redis missed is made good.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="token"/> was cancelled before that.</exception>
    public Task FlushAsync(CancellationToken token) => _recovery.FlushAsync(token);

    public CacheState State() =>
        new(_connections.Servers(), _connections.All.Count, _connections.Reconnects, _recovery.Pending, _recovery.Replayed, _recovery.Dropped);

    /// <summary>How long a server takes to answer; the first connection is made if none was.</summary>
    /// <returns><see langword="null"/> where none answers before a server counts as silent: the client itself waits for as long as a command may take.</returns>
    public async Task<TimeSpan?> PingAsync(CancellationToken token)
    {
        try
        {
            var connection = _connections.All[0];
            var database = connection.Database ?? await connection.ConnectAsync(FailureMode.Degrade, token).ConfigureAwait(false);
            if (database is null)
            {
                return null;
            }

            var ping = database.PingAsync();
            ping.Ignore();
            return await ping.WaitAsync(ServerWatch.SilenceLimit, token).ConfigureAwait(false);
        }
        catch (Exception fault) when (IsFault(fault, token))
        {
            return null;
        }
    }

    public void Dispose()
    {
        if (_recovery.Pending > 0 && !_connections.IsDisposed)
        {
            // Blocks, and briefly: whoever cannot wait disposes asynchronously.
            Task.Run(DrainAsync).GetAwaiter().GetResult();
        }

        Close();
        _connections.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (_recovery.Pending > 0 && !_connections.IsDisposed)
        {
            await DrainAsync().ConfigureAwait(false);
        }

        Close();
        await _connections.DisposeAsync().ConfigureAwait(false);
    }

    private void Close()
    {
        if (!_connections.IsDisposed)
        {
            _telemetry.Dispose();
            _recovery.Dispose();
        }
    }

    private async Task DrainAsync()
    {
        using var limit = new CancellationTokenSource(DrainTime);
        try
        {
            await _recovery.FlushAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // What is left is logged when the journal is closed.
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TResult> ExecuteAsync<TOperation, TResult>(TOperation operation, bool asynchronous, CancellationToken token)
        where TOperation : struct, IRedisOperation<TResult>
    {
        token.ThrowIfCancellationRequested();
        var observation = _telemetry.Begin(TOperation.Name, TOperation.Kind == OperationKind.Get);
        if (!TOperation.Kind.Replaces() && _recovery.Covers(operation.Key))
        {
            _telemetry.End(observation, BatchOutcome.Degraded, fault: null);
            return operation.Degraded;
        }

        var since = MissedChanges;
        Attempt<TResult> attempt;
        try
        {
            attempt = await TryAsync<TOperation, TResult>(operation, asynchronous, token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (exception is OperationCanceledException)
            {
                // It may or may not be carried out, now or later, and the caller does not wait to know.
                Remember(TOperation.Kind, operation.Key, mayStillBeWritten: TOperation.Kind == OperationKind.Set);
            }

            _telemetry.Abandon(observation, exception);
            throw;
        }

        if (attempt.IsAnswered)
        {
            Settle(TOperation.Kind, operation.Key, isAnswered: true, fault: null, since);
            var isFound = !EqualityComparer<TResult>.Default.Equals(attempt.Result, operation.Degraded);
            _telemetry.End(observation, TOperation.Kind.Outcome(isFound), fault: null);
            return attempt.Result!;
        }

        if (_failureMode == FailureMode.Degrade)
        {
            Settle(TOperation.Kind, operation.Key, isAnswered: false, attempt.Fault, since);
            _telemetry.End(observation, BatchOutcome.Degraded, attempt.Fault);
            return operation.Degraded;
        }

        _telemetry.End(observation, BatchOutcome.Failed, attempt.Fault);
        throw Explain(attempt.Fault!, TOperation.Name, operation.Key);
    }

    /// <summary>Asks Redis, if it can be used. Faults are returned, not thrown.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="token"/> was cancelled.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Attempt<TResult>> TryAsync<TOperation, TResult>(TOperation operation, bool asynchronous, CancellationToken token)
        where TOperation : struct, IRedisOperation<TResult>
    {
        var connection = _connections.For(operation.Key);
        var database = connection.Database;
        var scriptsByText = false;
        var isRedirected = false;
        var moves = 0;
        RedisServerException? refusal = null;
        for (var step = operation.FirstStep; ;)
        {
            try
            {
                database ??= asynchronous ? await connection.ConnectAsync(_failureMode, token).ConfigureAwait(false) : connection.Connect(_failureMode);
                if (database is null
                    || (_failureMode == FailureMode.Degrade && !connection.IsUsable(operation.Key)
                        && !(asynchronous ? await connection.ReturnsAsync(operation.Key, token).ConfigureAwait(false) : connection.Returns(operation.Key))))
                {
                    _faults.Skipped(TOperation.Name);
                    return new(default, Fault: null, IsSkipped: true);
                }

                if (TOperation.ReadsStrings && !isRedirected && operation.ReadsString(step))
                {
                    using var value = asynchronous
                        ? await database.StringGetLeaseAsync(operation.Key, StringReadFlags).OrCanceled(token).ConfigureAwait(false)
                        : database.StringGetLease(operation.Key, StringReadFlags);
                    _faults.Succeeded();
                    return new(value is null ? operation.Degraded : Read<TOperation, TResult>(database, operation, value.Span), Fault: null, IsSkipped: false);
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

                _faults.Succeeded();
                return new(result, Fault: null, IsSkipped: false);
            }
            catch (RedisConnectionException fault) when (!isRedirected && fault.IsAsk())
            {
                // A transaction cannot be redirected; another step may be one that can.
                _ = operation.TryNextStep(RedisErrorKind.Ask, ref step);
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
                    return new(answer, Fault: null, IsSkipped: false);
                }

                // EXECABORT says just that something was refused; why this step was tried says what.
                return Failed<TOperation, TResult>(error.Kind == RedisErrorKind.ExecAbort && refusal is not null ? refusal : error, token);
            }
            catch (Exception fault) when (IsFault(fault, token))
            {
                return Failed<TOperation, TResult>(fault, token);
            }
        }
    }

    private Attempt<TResult> Failed<TOperation, TResult>(Exception fault, CancellationToken token)
        where TOperation : struct, IRedisOperation<TResult>
    {
        token.ThrowIfCancellationRequested();
        _faults.Failed(fault, TOperation.Name);
        return new(default, fault, IsSkipped: false);
    }

    private static TResult Read<TOperation, TResult>(IDatabase database, TOperation operation, ReadOnlySpan<byte> value)
        where TOperation : struct, IRedisOperation<TResult>
    {
        var result = operation.ReadString(value, out var newTimeToLive);
        if (newTimeToLive is not null)
        {
            Extend(database, new(operation.Key, newTimeToLive.Value));
        }

        return result;
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
    private static void Extend(IDatabase database, TtlExtension extension)
    {
        try
        {
            _ = database.KeyExpireAsync(extension.Key, extension.TimeToLive, ExpireWhen.Always, CommandFlags.FireAndForget);
        }
        catch (Exception fault) when (fault is RedisException or RedisCommandException or ObjectDisposedException)
        {
            // The connection was closed after the answer came, or is not configured to send EXPIRE.
        }
    }

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
        RedisException or RedisCommandException or TimeoutException => true,
        ObjectDisposedException or OperationCanceledException => !_connections.IsDisposed && !token.IsCancellationRequested,
        _ => false,
    };
}
