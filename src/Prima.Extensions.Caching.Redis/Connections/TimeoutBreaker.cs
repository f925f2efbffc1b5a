using StackExchange.Redis;
using StackExchange.Redis.Availability;

namespace Prima.Extensions.Caching.Redis.Connections;

/// <summary>Closes a connection when commands time out on it one after the other: what is under way fails at once, and the client connects anew.</summary>
/// <remarks>
/// For the client's circuit breaker. Its own policy also counts errors that Redis answers; a server that answers is none to part from.
/// docs/decisions/0008-circuit-breaker.md has what was compared.
/// </remarks>
internal sealed class TimeoutBreaker : CircuitBreaker
{
    private const int MostTimeouts = 1;

    public static readonly TimeoutBreaker Instance = new();

    public override Accumulator CreateAccumulator() => new Timeouts();

    private sealed class Timeouts : Accumulator
    {
        private int _inARow;

        public override bool IsHealthy() => Volatile.Read(ref _inARow) <= MostTimeouts;

        public override void ObserveResult(in FaultContext context)
        {
            if (context.ErrorKind == RedisErrorKind.Timeout)
            {
                Interlocked.Increment(ref _inARow);
            }
            else if (Volatile.Read(ref _inARow) != 0)
            {
                Reset();
            }
        }

        public override void Reset() => Volatile.Write(ref _inARow, 0);
    }
}
