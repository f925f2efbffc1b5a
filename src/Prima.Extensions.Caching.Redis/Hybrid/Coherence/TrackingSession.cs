using System.Net;
using System.Globalization;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>One connection pair to one primary: over one of it Redis is asked to announce changes of keys, over the other it does.</summary>
/// <remarks>
/// A session is armed once and never repaired: when either connection is lost, what it was told in between is too, so it ends and another is made.
/// Both connections are RESP2, because the client drops what Redis pushes in RESP3.
/// https://redis.io/docs/latest/develop/reference/client-side-caching/
/// </remarks>
internal sealed class TrackingSession : IAsyncDisposable
{
    // The only channel on which a client without RESP3 gets invalidations.
    private static readonly RedisChannel Invalidations = RedisChannel.Literal("__redis__:invalidate");

    // Without CLUSTER the client takes the node for a server by itself, and connects to it alone. A script may still call it.
    private static readonly CommandMap OneNode = CommandMap.Create(new HashSet<string> { "CLUSTER" }, available: false);
    private const string ClusterNodes = "return redis.call('CLUSTER', 'NODES')";

    private const int LongestConnectTimeout = 5000;
    private static readonly TimeSpan DrainPause = TimeSpan.FromMilliseconds(5);

    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConnectionMultiplexer _multiplexer;
    private readonly ISubscriber _subscriber;
    private readonly IServer _server;
    private readonly byte[] _prefix;
    private readonly Action<RedisValue> _announced;
    private ChannelMessageQueue? _queue;
    private Task<ChannelMessage>? _reading;
    private long _subscriberId;

    private TrackingSession(ConnectionMultiplexer multiplexer, byte[] prefix, Action<RedisValue> announced, Action lost)
    {
        _multiplexer = multiplexer;
        _subscriber = multiplexer.GetSubscriber();
        _server = multiplexer.GetServers()[0];
        _prefix = prefix;
        _announced = announced;
        multiplexer.ConnectionFailed += (_, _) =>
        {
            _lost.TrySetResult();
            lost();
        };
    }

    /// <summary>Completes when a connection is lost.</summary>
    public Task Lost => _lost.Task;

    public bool IsLost => _lost.Task.IsCompleted;

    /// <summary>Connects to a primary.</summary>
    /// <param name="template">How to connect; it is cloned.</param>
    /// <param name="endPoint">The primary.</param>
    /// <param name="prefix">What the keys begin with that are asked for; empty = all keys.</param>
    /// <param name="announced">Takes one key as it stands in Redis, or null for all keys.</param>
    /// <param name="lost">Is called at once when a connection is lost.</param>
    /// <exception cref="RedisException">No connection could be made.</exception>
    public static async Task<TrackingSession> ConnectAsync(ConfigurationOptions template, EndPoint endPoint, byte[] prefix, Action<RedisValue> announced, Action lost)
    {
        var configuration = template.Clone();
        configuration.EndPoints.Clear();
        configuration.EndPoints.Add(endPoint);
        configuration.ServiceName = null;
        configuration.TieBreaker = "";
        configuration.ConfigurationChannel = "";
        configuration.ChannelPrefix = default;
        configuration.CommandMap = OneNode;
        configuration.Protocol = RedisProtocol.Resp2;
        configuration.AllowAdmin = true;
        configuration.ClientName = $"prima-tracking-{Guid.NewGuid():N}";
        configuration.AbortOnConnectFail = true;
        configuration.ConnectRetry = 1;
        configuration.ConnectTimeout = Math.Min(configuration.ConnectTimeout, LongestConnectTimeout);
        configuration.AsyncTimeout = (int)ArmedTime.ProbeTimeout.TotalMilliseconds;
        return new(await ConnectionMultiplexer.ConnectAsync(configuration).ConfigureAwait(false), prefix, announced, lost);
    }

    /// <summary>Asks for invalidations, and makes sure that they will come.</summary>
    /// <exception cref="RedisServerException">The server does not do that, or not for this user.</exception>
    public async Task ArmAsync()
    {
        _queue = await _subscriber.SubscribeAsync(Invalidations).ConfigureAwait(false);
        _ = ReadAllAsync(_queue);
        _subscriberId = await SubscriberIdAsync().ConfigureAwait(false);
        object[] tracking = ["TRACKING", "ON", "REDIRECT", _subscriberId, "BCAST"];
        await _server.ExecuteAsync("CLIENT", _prefix.Length == 0 ? tracking : [.. tracking, "PREFIX", (RedisValue)_prefix]).ConfigureAwait(false);
    }

    /// <summary>Whether the server announces to this session, is a primary, and everything that it announced until now was taken.</summary>
    /// <remarks>
    /// 1. The asking connection: tracking is on and goes to our subscription. 2. The server's role. 3. The subscription: invalidations and PONG come over one
    /// connection in order, so with PONG all before it are here; 4. and taken.
    /// </remarks>
    public async Task<bool> ProbeAsync()
    {
        var info = _server.ExecuteAsync("CLIENT", "TRACKINGINFO");
        var role = _server.ExecuteAsync("ROLE");
        var pong = _subscriber.PingAsync();
        await Task.WhenAll(info, role, pong).ConfigureAwait(false);
        if (!IsTracking(await info.ConfigureAwait(false)) || (string?)(await role.ConfigureAwait(false))[0] != "master")
        {
            return false;
        }

        // The reader may have ended, and the one who asked may have given up.
        while (!IsDrained && !IsLost)
        {
            await Task.Delay(DrainPause).ConfigureAwait(false);
        }

        return !IsLost;
    }

    /// <summary>How this node sees its cluster.</summary>
    public async Task<ClusterView> ViewAsync()
    {
        var nodes = await _server.ExecuteAsync("EVAL", ClusterNodes, 0).ConfigureAwait(false);
        return ClusterView.Parse((string)nodes!);
    }

    public ValueTask DisposeAsync()
    {
        _lost.TrySetResult();
        return _multiplexer.DisposeAsync();
    }

    // The reader waits, and what it waits for has not come: nothing is in the queue, and nothing was taken out of it that was not handled.
    private bool IsDrained => Volatile.Read(ref _reading) is { IsCompleted: false };

    private async Task<long> SubscriberIdAsync()
    {
        var list = (string)(await _server.ExecuteAsync("CLIENT", "LIST", "TYPE", "pubsub").ConfigureAwait(false))!;
        var name = $" name={_multiplexer.ClientName} ";
        foreach (var line in list.Split('\n'))
        {
            if (line.StartsWith("id=", StringComparison.Ordinal) && line.Contains(name, StringComparison.Ordinal))
            {
                return long.Parse(line.AsSpan(3, line.IndexOf(' ', StringComparison.Ordinal) - 3), CultureInfo.InvariantCulture);
            }
        }

        throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, CommandFlags.None, "The subscription for invalidations is not in the server's list of clients.");
    }

    private bool IsTracking(RedisResult info)
    {
        var fields = info.ToDictionary();
        var flags = (string?[]?)fields["flags"] ?? [];
        var prefixes = (byte[]?[]?)fields["prefixes"] ?? [];
        return flags.Contains("on") && flags.Contains("bcast") && !flags.Contains("broken_redirect")
            && (long)fields["redirect"] == _subscriberId
            && prefixes.Any(prefix => prefix.AsSpan().SequenceEqual(_prefix));
    }

    private async Task ReadAllAsync(ChannelMessageQueue queue)
    {
        try
        {
            while (true)
            {
                Volatile.Write(ref _reading, null);
                while (queue.TryRead(out var next))
                {
                    _announced(next.Message);
                }

                var reading = queue.ReadAsync().AsTask();
                Volatile.Write(ref _reading, reading);
                var message = await reading.ConfigureAwait(false);
                Volatile.Write(ref _reading, null);
                _announced(message.Message);
            }
        }
        catch (Exception end) when (end is System.Threading.Channels.ChannelClosedException or OperationCanceledException or ObjectDisposedException)
        {
            _lost.TrySetResult();
        }
    }
}
