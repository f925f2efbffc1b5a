using Microsoft.Extensions.Caching.Hybrid;
using Prima.Extensions.Caching.Redis.Hybrid.Local;

namespace Prima.Extensions.Caching.Redis.Hybrid.Flights;

/// <summary>One read, and perhaps one run of a factory, for all who ask for the same at the same time.</summary>
/// <remarks>It goes on while one caller is left. Who comes after the key was invalidated does not join it: its value may be the old one.</remarks>
internal sealed class Flight<T>(FlightKey key, ReadGuard guard, long tagRemovals, bool canBeCancelled, bool mayBeAbandoned) : IFlight
{
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource? _cancellation = canBeCancelled ? new() : null;
    private int _callers = 1;

    public FlightKey Key => key;

    public ReadGuard Guard { get; private set; } = guard;

    public long TagRemovals { get; private set; } = tagRemovals;

    /// <summary>Cancelled when the last caller has left.</summary>
    public CancellationToken Token => _cancellation?.Token ?? CancellationToken.None;

    public Task<T> Task => _result.Task;

    /// <summary>Whether it may end without a value: who made it happen was asked for several.</summary>
    public bool MayBeAbandoned => mayBeAbandoned;

    /// <summary>Whether it ended without a value: who joined looks for one himself.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>What makes a copy for each who joined of <see cref="Bytes"/>; <see langword="null"/> = all may have the same instance.</summary>
    public IHybridCacheSerializer<T>? Copier { get; private set; }

    /// <summary>The serialized value; <see langword="null"/> = there can be no copies.</summary>
    public ReadOnlyMemory<byte>? Bytes { get; private set; }

    /// <summary>Joins, unless all callers have left.</summary>
    public bool TryJoin()
    {
        for (var callers = Volatile.Read(ref _callers); callers > 0;)
        {
            var found = Interlocked.CompareExchange(ref _callers, callers + 1, callers);
            if (found == callers)
            {
                return true;
            }

            callers = found;
        }

        return false;
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref _callers) == 0)
        {
            _cancellation?.Cancel();
        }
    }

    /// <summary>What comes of the flight is only looked for from now on: what happened to the key before does not matter.</summary>
    public void BeginAnew(ReadGuard guard, long tagRemovals) => (Guard, TagRemovals) = (guard, tagRemovals);

    /// <summary>Ends the flight with a value that all callers share.</summary>
    public void SetShared(T value) => _result.TrySetResult(value);

    /// <summary>Ends the flight with a value that is the first caller's own; the others get copies of <paramref name="bytes"/>, if there are any.</summary>
    public void SetIsolated(T value, ReadOnlyMemory<byte>? bytes, IHybridCacheSerializer<T> serializer)
    {
        Bytes = bytes;
        Copier = serializer;
        _result.TrySetResult(value);
    }

    /// <summary>Ends the flight without a value, if it has none yet.</summary>
    public void Abandon()
    {
        if (!_result.Task.IsCompleted)
        {
            IsAbandoned = true;
            _result.TrySetResult(default!);
        }
    }

    public void SetException(Exception exception)
    {
        if (exception is OperationCanceledException && Token.IsCancellationRequested)
        {
            _result.TrySetCanceled(Token);
        }
        else if (_result.TrySetException(exception))
        {
            // Nobody may be left to see it.
            _ = _result.Task.Exception;
        }
    }

    /// <summary>The value, as it is: the one who began the flight may have it, others only if there is no <see cref="Copier"/>.</summary>
    public ValueTask<T> WaitAsync(CancellationToken token) =>
        Task.IsCompletedSuccessfully ? new(Task.Result)
        : token.CanBeCanceled ? WaitOrLeaveAsync(token)
        : new(Task);

    private async ValueTask<T> WaitOrLeaveAsync(CancellationToken token)
    {
        try
        {
            return await Task.WaitAsync(token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            Leave();
            throw new OperationCanceledException(token);
        }
    }
}
