using Prima.Extensions.Caching.Redis.Connections;
using StackExchange.Redis;
using StackExchange.Redis.Availability;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Connections;

public class TimeoutBreakerTests
{
    private readonly CircuitBreaker.Accumulator _accumulator = TimeoutBreaker.Instance.CreateAccumulator();

    [Fact]
    public void OneTimeout_IsHealthy()
    {
        TimesOut();

        Assert.True(_accumulator.IsHealthy());
    }

    [Fact]
    public void TwoTimeoutsInARow_AreNot()
    {
        TimesOut();
        TimesOut();

        Assert.False(_accumulator.IsHealthy());
    }

    [Fact]
    public void TwoTimeoutsWithAnAnswerInBetween_AreHealthy()
    {
        TimesOut();
        _accumulator.ObserveResult(default);
        TimesOut();

        Assert.True(_accumulator.IsHealthy());
    }

    // A server that answers is none to part from, whatever it answers.
    [Fact]
    public void Errors_AreHealthy()
    {
        TimesOut();
        for (var i = 0; i < 100; i++)
        {
            _accumulator.ObserveResult(new(new RedisServerException(RedisErrorKind.OutOfMemory, CommandFlags.None, "OOM")));
        }

        Assert.True(_accumulator.IsHealthy());
    }

    [Fact]
    public void Reset_ForgetsTimeouts()
    {
        TimesOut();
        TimesOut();
        _accumulator.Reset();

        Assert.True(_accumulator.IsHealthy());
    }

    [Fact]
    public void Connections_AreCountedEachByItself()
    {
        TimesOut();
        TimesOut();

        Assert.True(TimeoutBreaker.Instance.CreateAccumulator().IsHealthy());
    }

    private void TimesOut() => _accumulator.ObserveResult(new(new RedisTimeoutException(CommandFlags.None, "", CommandStatus.Sent)));
}
