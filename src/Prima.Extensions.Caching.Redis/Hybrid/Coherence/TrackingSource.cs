using System.Net;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Connections;
using Prima.Extensions.Caching.Redis.Diagnostics;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>Invalidations by server-assisted tracking: Redis itself announces every change of a key that begins with the instance name, whoever made it.</summary>
/// <remarks>
/// 1. The cache's own connection tells who the primaries are; on a cluster they themselves do from then on. 2. Each is tracked by itself.
/// 3. A change of primaries or slots takes effect for <see cref="IsArmed"/> first, then L1 is emptied. 4. Who has not seen the cluster for
/// <see cref="ArmedTime.Validity"/> is not armed. 5. Nodes that cannot track are told of this node's writes over the channel.
/// </remarks>
internal sealed class TrackingSource : IInvalidationSource
{
    private static readonly TrackingRoute Nowhere = new([], null);
    private static readonly RedisKey AnyKey = "any";

    private readonly CancellationTokenSource _end = new();
    private readonly ArmedTime _viewed = new();
    private readonly ConfigurationOptions _configuration;
    private readonly byte[] _prefix;
    private readonly ConnectionPool _connections;
    private readonly TagStamps _stamps;
    private readonly ChannelRelay _relay;
    private readonly Action<string> _refused;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private volatile TrackingRoute _route = Nowhere;
    private TrackingTarget? _target;
    private ClusterView? _view;
    private Task _running = Task.CompletedTask;
    private readonly List<Task> _ending = [];
    private int _asked;

    /// <param name="configuration">How the cache connects.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="stamps">Reads the stamps of tags.</param>
    /// <param name="relay">Tells the nodes that cannot track.</param>
    /// <param name="refused">Takes the reason where a primary will not announce anything.</param>
    /// <param name="logger">The log.</param>
    /// <param name="time">The time.</param>
    public TrackingSource(ConfigurationOptions configuration, PrimaRedisCache cache, TagStamps stamps, ChannelRelay relay, Action<string> refused, ILogger logger, TimeProvider time)
    {
        (_configuration, _prefix, _connections, _stamps, _relay, _refused, _logger, _time) = (configuration, cache.Context.InstanceName, cache.Executor.Connections, stamps, relay, refused, logger, time);
    }

    public string Name => "tracking";

    public bool IsArmedForAll(long now) => _viewed.IsArmedAt(now) && _route.IsArmedForAll(now);

    public bool IsDivided => _route.Owners is not null;

    public void Start(IInvalidationSink sink)
    {
        _target = new(_configuration, _prefix, sink, _relay.Hear, Announced, _refused, _logger, _time);
        _running = Task.Run(RunAsync);
    }

    public bool IsArmed(string key)
    {
        var now = ArmedTime.Now;
        return _viewed.IsArmedAt(now) && _route.IsArmed(_prefix, key, now);
    }

    public void Announce(IReadOnlyList<string> keys) => _relay.Announce(keys, IsArmed(ListenerMark.Key));

    public void AnnounceTag(string tag, long stamp) => _relay.AnnounceTag(tag, stamp, IsArmed(ListenerMark.Key));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _viewed.Disarm();
        await _relay.FarewellAsync().ConfigureAwait(false);
        Replace(Nowhere);
        await Task.WhenAll(_ending).ConfigureAwait(false);
        _end.Dispose();
    }

    private void Announced(RedisValue bytes)
    {
        var sink = _target!.Sink;
        if (bytes.IsNull)
        {
            sink.Clear(ClearReason.Flushed);
            return;
        }

        var key = AnnouncedKey.Parse(((ReadOnlyMemory<byte>)bytes).Span, _prefix);
        if (key.Kind == AnnouncedKey.Kinds.Entry)
        {
            sink.Invalidate(key.Name, mayBeOwn: true);
        }
        else if (key.Kind == AnnouncedKey.Kinds.TagStamp)
        {
            _ = PassOnAsync(key.Name);
        }
        else if (key.Kind == AnnouncedKey.Kinds.ListenerMark)
        {
            _relay.Hear();
        }
    }

    private async Task PassOnAsync(string tag) => _target!.Sink.InvalidateTag(tag, await _stamps.ReadAsync(tag).ConfigureAwait(false));

    private async Task RunAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var askedAt = ArmedTime.Now;
                if (await LookAsync().ConfigureAwait(false))
                {
                    _viewed.Arm(askedAt);
                }

                if (_connections.All[0].Database is { } database)
                {
                    await _relay.BeatAsync(database.Multiplexer, IsArmed(ListenerMark.Key)).ConfigureAwait(false);
                }
            }
            catch (RedisServerException error) when (error.Kind is RedisErrorKind.NoPermission or RedisErrorKind.UnknownCommand or RedisErrorKind.NotPermitted)
            {
                _refused($"CLUSTER NODES by EVAL: {error.Kind}");
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // Whatever a server answers, the next look may show more.
                CoherenceLog.TrackingNotArmed(_logger, null, fault.GetType().Name);
            }

            await Task.Delay(ArmedTime.ProbeInterval, _time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Whether the primaries, and on a cluster their slots, are known as of now.</returns>
    private async Task<bool> LookAsync()
    {
        var connection = _connections.All[0];
        var database = connection.Database ?? await connection.ConnectAsync(_end.Token).ConfigureAwait(false);
        var servers = database.Multiplexer.GetServers();
        if (Array.Exists(servers, static server => server.ServerType == ServerType.Cluster))
        {
            return await LookAtClusterAsync(servers).ConfigureAwait(false);
        }

        var primary = database.Multiplexer.GetServer(AnyKey);
        if (primary is { IsConnected: true, IsReplica: false })
        {
            Follow([primary.EndPoint], null);
        }

        return true;
    }

    private async Task<bool> LookAtClusterAsync(IServer[] servers)
    {
        var sessions = _route.Primaries.Select(static primary => primary.Session).OfType<TrackingSession>().ToList();
        if (sessions.Count == 0)
        {
            // Nobody of those to ask: the client may know others.
            var seeds = servers.Where(static server => server is { IsConnected: true, IsReplica: false }).Select(static server => server.EndPoint);
            _view = null;
            Follow([.. _route.Primaries.Select(static primary => primary.EndPoint).Union(seeds)], ClusterView.Nobody);
            return false;
        }

        var view = await sessions[_asked++ % sessions.Count].ViewAsync().ConfigureAwait(false);
        if (_view is { } before && view.Epoch < before.Epoch)
        {
            return false;
        }

        _view = view;
        Follow([.. view.Primaries.Select(node => node.EndPoint(servers.Select(static server => server.EndPoint)))], view.Owners);
        return true;
    }

    /// <summary>Tracks these primaries, and no others.</summary>
    private void Follow(EndPoint[] endPoints, short[]? owners)
    {
        var before = _route;
        if (before.Primaries.Select(static primary => primary.EndPoint).SequenceEqual(endPoints) && owners.AsSpan().SequenceEqual(before.Owners))
        {
            return;
        }

        var kept = before.Primaries.ToDictionary(static primary => primary.EndPoint);
        Replace(new([.. endPoints.Select(endPoint => kept.GetValueOrDefault(endPoint) ?? Begin(endPoint))], owners));
        CoherenceLog.TopologyChanged(_logger, endPoints.Length);
    }

    private TrackedPrimary Begin(EndPoint endPoint)
    {
        var primary = new TrackedPrimary(endPoint, _target!);
        primary.Start();
        return primary;
    }

    private void Replace(TrackingRoute route)
    {
        var before = _route;
        _relay.Hear();
        _route = route;
        _target?.Sink.Clear(ClearReason.TopologyChanged);
        _ending.RemoveAll(static ending => ending.IsCompleted);
        _ending.AddRange(before.Primaries.Except(route.Primaries).Select(static primary => primary.DisposeAsync().AsTask()));
    }
}
