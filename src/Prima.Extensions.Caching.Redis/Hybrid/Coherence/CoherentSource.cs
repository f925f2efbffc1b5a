using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Connections;
using Prima.Extensions.Caching.Redis.Diagnostics;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>The best source of invalidations that the server and this user's rights allow: tracking, or else the channel between the nodes.</summary>
internal sealed class CoherentSource : IInvalidationSource
{
    private readonly Lock _gate = new();
    private readonly PrimaRedisCache _cache;
    private readonly string _instanceName;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private volatile IInvalidationSource _current;
    private volatile string? _refusal;
    private IInvalidationSink? _sink;
    private Task _ending = Task.CompletedTask;
    private bool _disposed;

    public CoherentSource(PrimaRedisCache cache, PrimaRedisCacheOptions options, RedisClock clock, ILogger logger, TimeProvider time)
    {
        (_cache, _instanceName, _logger, _time) = (cache, options.InstanceName ?? "", logger, time);
        _refusal = WhyNotTracking(options, out var configuration);
        _current = configuration is null
            ? Channel()
            : new TrackingSource(configuration, cache, new TagStamps(cache, clock), new ChannelRelay(new ChannelSender(cache.Executor, logger), _instanceName), Refuse, logger, time);
    }

    public string Name => _current.Name;

    public bool IsArmedForAll(long now) => _current.IsArmedForAll(now);

    public bool IsDivided => _current.IsDivided;

    /// <summary>Why it is not tracking; <see langword="null"/> = it is.</summary>
    public string? Refusal => _refusal;

    public void Start(IInvalidationSink sink)
    {
        lock (_gate)
        {
            _sink = sink;
            if (_refusal is { } reason)
            {
                CoherenceLog.TrackingRefused(_logger, reason);
            }

            _current.Start(sink);
        }
    }

    public bool IsArmed(string key) => _current.IsArmed(key);

    public void Announce(IReadOnlyList<string> keys) => _current.Announce(keys);

    public void AnnounceTag(string tag, long stamp) => _current.AnnounceTag(tag, stamp);

    public async ValueTask DisposeAsync()
    {
        Task ending;
        lock (_gate)
        {
            _disposed = true;
            ending = _ending;
        }

        await _current.DisposeAsync().ConfigureAwait(false);
        await ending.ConfigureAwait(false);
    }

    private static string? WhyNotTracking(PrimaRedisCacheOptions options, out ConfigurationOptions? configuration)
    {
        configuration = null;
        if (options.ConnectionMultiplexerFactory is not null)
        {
            return $"it takes connections of its own, and {nameof(PrimaRedisCacheOptions.ConnectionMultiplexerFactory)} does not say how to make them";
        }

        var resolved = ServerConfiguration.Resolve(options, Environment.GetEnvironmentVariable);
        if (resolved.CommandMap != CommandMap.Default && resolved.CommandMap is not null)
        {
            return "it takes commands that the configured CommandMap may rename";
        }

        configuration = resolved;
        return null;
    }

    private ChannelSource Channel() => new(_cache, _instanceName, _logger, _time);

    // Comes from the source that is refused, so that is not waited for here.
    private void Refuse(string reason)
    {
        lock (_gate)
        {
            if (_disposed || _refusal is not null)
            {
                return;
            }

            CoherenceLog.TrackingRefused(_logger, reason);
            _refusal = reason;
            var refused = _current;
            _current = Channel();
            _sink!.Clear(ClearReason.ConnectionLost);
            _current.Start(_sink);
            _ending = Task.Run(() => refused.DisposeAsync().AsTask());
        }
    }
}
