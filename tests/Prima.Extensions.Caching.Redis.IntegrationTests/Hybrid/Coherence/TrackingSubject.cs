using Microsoft.Extensions.Logging.Abstractions;
using Prima.Extensions.Caching.Redis.Connections;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid.Coherence;

/// <summary>A tracking source over a cache, with a sink that takes notes.</summary>
internal sealed class TrackingSubject : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly RedisClock _clock;

    private TrackingSubject(PrimaRedisCacheOptions options)
    {
        Cache = new PrimaRedisCache(options);
        _clock = new(Cache, TimeProvider.System);
        Source = new(
            ServerConfiguration.Resolve(options, static _ => null),
            Cache,
            new TagStamps(Cache, _clock),
            new ChannelRelay(new ChannelSender(Cache.Executor, NullLogger.Instance), options.InstanceName!),
            Refusals.Add,
            NullLogger.Instance,
            TimeProvider.System);
    }

    public PrimaRedisCache Cache { get; }

    public TrackingSource Source { get; }

    public RecordingSink Sink { get; } = new();

    public List<string> Refusals { get; } = [];

    public static TrackingSubject Start(string configuration, string instanceName) =>
        Start(new PrimaRedisCacheOptions { Configuration = configuration, InstanceName = instanceName });

    public static TrackingSubject Start(PrimaRedisCacheOptions options)
    {
        var subject = new TrackingSubject(options);
        subject.Source.Start(subject.Sink);
        return subject;
    }

    public static async Task<TrackingSubject> StartArmedAsync(string configuration, string instanceName, string key = "k")
    {
        var subject = Start(configuration, instanceName);
        await subject.UntilArmedAsync(key);
        return subject;
    }

    public Task UntilArmedAsync(string key = "k") => Poll.UntilAsync("the source is armed", Deadline, () => Source.IsArmed(key));

    public Task UntilDisarmedAsync(string key = "k") => Poll.UntilAsync("the source is not armed any more", Deadline, () => !Source.IsArmed(key));

    public Task UntilAsync(string happening, int times = 1) => Poll.UntilSolvedAsync(happening, Deadline, () =>
        Task.FromResult(Sink.Count(happening) >= times ? null : string.Join(", ", Sink.Events.TakeLast(20))));

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await _clock.DisposeAsync();
        await Cache.DisposeAsync();
    }
}
