using Microsoft.Extensions.Logging.Abstractions;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid.Coherence;

/// <summary>A node on the channel, with a sink that takes notes.</summary>
internal sealed class ChannelSubject : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly PrimaRedisCache _cache;

    private ChannelSubject(string configuration, string instanceName)
    {
        _cache = new PrimaRedisCache(new PrimaRedisCacheOptions { Configuration = configuration, InstanceName = instanceName });
        Source = new(_cache, instanceName, NullLogger.Instance, TimeProvider.System);
    }

    public ChannelSource Source { get; }

    public RecordingSink Sink { get; } = new();

    public static ChannelSubject Start(string configuration, string instanceName)
    {
        var subject = new ChannelSubject(configuration, instanceName);
        subject.Source.Start(subject.Sink);
        return subject;
    }

    public static async Task<ChannelSubject> StartArmedAsync(string configuration, string instanceName)
    {
        var subject = Start(configuration, instanceName);
        await subject.UntilArmedAsync();
        return subject;
    }

    public Task UntilArmedAsync() => Poll.UntilAsync("the source is armed", Deadline, () => Source.IsArmed("k"));

    public Task UntilDisarmedAsync() => Poll.UntilAsync("the source is not armed any more", Deadline, () => !Source.IsArmed("k"));

    public Task UntilAsync(string happening) => Poll.UntilSolvedAsync(happening, Deadline, () =>
        Task.FromResult(Sink.Count(happening) > 0 ? null : string.Join(", ", Sink.Events.TakeLast(20))));

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await _cache.DisposeAsync();
    }
}
