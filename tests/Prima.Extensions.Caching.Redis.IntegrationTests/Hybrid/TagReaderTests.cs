using Prima.Extensions.Caching.Redis.Hybrid;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Prima.Extensions.Caching.Redis.Hybrid.Tags;
using Prima.Extensions.Caching.Redis.TestServers;
using Prima.Extensions.Caching.Redis.TestServers.Processes;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid;

/// <summary>Stamps of tags are read from a Redis that hangs.</summary>
public sealed class TagReaderTests : IAsyncLifetime
{
    private readonly string _instance = Guid.NewGuid().ToString("N") + ":";
    private RedisProcess _server = null!;
    private HybridNode _node = null!;
    private RedisClock _clock = null!;
    private TagReader _reader = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServers.StartProcessAsync();
        _node = await HybridNode.OpenAsync(_server.Configuration, _instance, configureRedis: static options =>
        {
            options.FailureMode = FailureMode.Throw;
            options.CommandTimeout = TimeSpan.FromMinutes(1);
        });
        _clock = new(_node.Redis, TimeProvider.System);
        _reader = new(_node.Redis, _node.Cache.Local, new PendingTagRemovals(), new HybridClock(_clock, TimeProvider.System));
    }

    public async ValueTask DisposeAsync()
    {
        _server.Resume();
        await _clock.DisposeAsync();
        await _node.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Judge_Canceled_EndsAtOnce()
    {
        _server.Suspend();
        using var cancellation = new CancellationTokenSource();
        var judging = _reader.JudgeAsync(["ward"], fetched: null, created: 1, cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => judging.WaitAsync(HybridNode.Deadline));
    }

    [Fact]
    public async Task Prefetch_AllForgottenMeanwhile_LeavesAloneWhatIsKnownSince()
    {
        _server.Suspend();
        Assert.True(_node.Cache.Local.IsArmed(TagTable.KeyOf("ward")));
        var fetching = _reader.Prefetch(["ward"])!;
        _node.Cache.Local.Clear(ClearReason.ConnectionLost);
        var since = Assert.Single(_node.Cache.Local.Tags.Watch(["ward"]));

        _server.Resume();

        Assert.True((await fetching)["ward"]!.Covers(long.MaxValue));
        Assert.False(since.IsComplete);
        Assert.False(since.Covers(long.MaxValue));
    }
}
