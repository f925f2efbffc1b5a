using Microsoft.Extensions.Caching.Hybrid;
using Prima.Extensions.Caching.Redis.Hybrid.Local;

namespace Prima.Extensions.Caching.Redis.Hybrid.Flights;

/// <summary>One read, and perhaps one run of a factory, for all who ask for the same at the same time.</summary>
/// <remarks>It goes on while one caller is left. Who comes after the key was invalidated does not join it: its value may be the old one.</remarks>
internal sealed class Flight<T>(FlightKey key, ReadGuard guard, long tagRemovals, bool canBeCancelled) : IFlight
{
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource? _cancellation = canBeCancelled ? new() : null;
    private ReadOnlyMemory<byte> _bytes;
    private IHybridCacheSerializer<T>? _copier;
    private int _callers = 1;

    public FlightKey Key => key;

    public ReadGuard Guard { get; private set; } = guard;

    public long TagRemovals { get; private set; } = tagRemovals;

    /// <summary>Cancelled when the last caller has left.</summary>
    public CancellationToken Token => _cancellation?.Token ?? CancellationToken.None;

    public Task<T> Task => _result.Task;

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

    /// <summary>Ends the flight with a value that is the first caller's own; the others get copies.</summary>
    public void SetIsolated(T value, ReadOnlyMemory<byte> bytes, IHybridCacheSerializer<T> serializer)
    {
        _bytes = bytes;
        _copier = serializer;
        _result.TrySetResult(value);
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

    /// <summary>The value for the one who began the flight.</summary>
    public ValueTask<T> FirstAsync(CancellationToken token) =>
        Task.IsCompletedSuccessfully ? new(Task.Result)
        : token.CanBeCanceled ? WaitAsync(isFirst: true, token)
        : new(Task);

    /// <summary>The value for one who joined.</summary>
    public ValueTask<T> JoinedAsync(bool isShared, CancellationToken token) =>
        Task.IsCompletedSuccessfully ? new(ValueFor(isFirst: false, Task.Result))
        : token.CanBeCanceled || !isShared ? WaitAsync(isFirst: false, token)
        : new(Task);

    private async ValueTask<T> WaitAsync(bool isFirst, CancellationToken token)
    {
        try
        {
            return ValueFor(isFirst, await Task.WaitAsync(token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            Leave();
            throw new OperationCanceledException(token);
        }
    }

    private T ValueFor(bool isFirst, T value) => isFirst || _copier is null ? value : _copier.Deserialize(new(_bytes));
}
