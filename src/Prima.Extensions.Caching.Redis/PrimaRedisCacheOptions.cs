using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using StackExchange.Redis.Profiling;

namespace Prima.Extensions.Caching.Redis;

/// <summary>Options of <see cref="PrimaRedisCache"/>.</summary>
/// <remarks>
/// <para>The server is taken from the first of these that is there: <see cref="ConnectionMultiplexerFactory"/>, <see cref="ConfigurationOptions"/>,
/// <see cref="Configuration"/>, then the environment variables <c>REDIS_CLUSTER_NODES</c>, <c>REDIS_SENTINEL_NODES</c> with <c>REDIS_SENTINEL_MASTER</c>,
/// <c>REDIS_URL</c>, <c>KV_URL</c>.</para>
/// <para>What code sets beats the configuration section <c>PrimaRedisCache</c>, which beats the environment.</para>
/// </remarks>
public sealed class PrimaRedisCacheOptions : IOptions<PrimaRedisCacheOptions>
{
    internal static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(10);
    internal static readonly TimeSpan DefaultCommandTimeout = TimeSpan.FromSeconds(5);
    internal static readonly TimeSpan DefaultKeepAlive = TimeSpan.FromSeconds(30);

    /// <summary>The server as a <c>redis://</c> or <c>rediss://</c> URI, or as a StackExchange.Redis configuration string.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public string? Configuration { get; set; }

    /// <summary>The server as StackExchange.Redis' own options. They are cloned and never changed.</summary>
    /// <value>The default is <see langword="null"/>. Preferred over <see cref="Configuration"/>.</value>
    public ConfigurationOptions? ConfigurationOptions { get; set; }

    /// <summary>Makes, or hands out, the connection. It is called once for each connection of the pool, and what it returns is never disposed by the cache.</summary>
    /// <value>The default is <see langword="null"/>. Preferred over <see cref="ConfigurationOptions"/> and <see cref="Configuration"/>.</value>
    public Func<Task<IConnectionMultiplexer>>? ConnectionMultiplexerFactory { get; set; }

    /// <summary>A prefix of every key in Redis, so that several caches can share a server. Nothing is put between it and the key.</summary>
    /// <value>The default is <see langword="null"/>: no prefix.</value>
    public string? InstanceName { get; set; }

    /// <summary>The profiling session of the current operation, for <see cref="IConnectionMultiplexer.RegisterProfiler"/>.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public Func<ProfilingSession>? ProfilingSession { get; set; }

    /// <summary>How entries are written.</summary>
    /// <value>The default is <see cref="EntryLayout.Hash"/>.</value>
    public EntryLayout Layout { get; set; } = EntryLayout.Hash;

    /// <summary>What a caller sees when Redis cannot be used.</summary>
    /// <value>The default is <see cref="FailureMode.Degrade"/>.</value>
    public FailureMode FailureMode { get; set; } = FailureMode.Degrade;

    /// <summary>How many connections are opened; a key always uses the same one, so that the order of its operations is kept.</summary>
    /// <value>The default is 1, which is the fastest for small values. Allowed are 1 to 64.</value>
    public int ConnectionPoolSize { get; set; } = 1;

    /// <summary>How long an attempt to connect may take.</summary>
    /// <value>The default is 10 seconds, unless <see cref="Configuration"/> or <see cref="ConfigurationOptions"/> say otherwise.</value>
    public TimeSpan ConnectTimeout { get => ConnectTimeoutIfSet ?? DefaultConnectTimeout; set => ConnectTimeoutIfSet = value; }

    /// <summary>How long a command may take.</summary>
    /// <value>The default is 5 seconds, unless <see cref="Configuration"/> or <see cref="ConfigurationOptions"/> say otherwise.</value>
    public TimeSpan CommandTimeout { get => CommandTimeoutIfSet ?? DefaultCommandTimeout; set => CommandTimeoutIfSet = value; }

    /// <summary>How long a connection may be idle before it is checked with a PING. Whole seconds.</summary>
    /// <value>The default is 30 seconds, unless <see cref="Configuration"/> or <see cref="ConfigurationOptions"/> say otherwise.</value>
    public TimeSpan KeepAlive { get => KeepAliveIfSet ?? DefaultKeepAlive; set => KeepAliveIfSet = value; }

    /// <summary>Gives every connection threads of its own for reading and writing, for applications that call the synchronous members from thread-pool threads.</summary>
    /// <remarks>StackExchange.Redis has this switch for the whole process only: with one cache that sets it, all multiplexers made later have it.</remarks>
    /// <value>The default is <see langword="false"/>.</value>
    public bool UseDedicatedThreads { get; set; }

    /// <summary>Whether keys appear in logs as they are. Keys can name people; otherwise a key is logged as a hash that is only comparable within one process.</summary>
    /// <value>The default is <see langword="false"/>. Values are never logged.</value>
    public bool LogKeys { get; set; }

    /// <summary>The largest value that is written or read, in bytes. A larger one is not sent, which is a fault; one that is found in Redis is a miss.</summary>
    /// <value>The default is 512 MiB, which is also Redis' own limit (<c>proto-max-bulk-len</c>). Allowed are 1 KiB to 512 MiB.</value>
    public int MaximumValueBytes { get; set; } = 512 * 1024 * 1024;

    /// <summary>How many keys are remembered whose removal or overwrite Redis missed; see <see cref="FailureMode.Degrade"/>. The oldest are dropped when there are more.</summary>
    /// <value>The default is 100,000. Allowed are 1 to 10,000,000.</value>
    public int JournalCapacity { get; set; } = 100_000;

    /// <summary>How often the servers are asked (INFO) for their memory, evictions and hit ratio, for metrics.</summary>
    /// <remarks>A connection that comes from <see cref="ConnectionMultiplexerFactory"/> must allow it: <c>allowAdmin=true</c>. A user of Redis needs the right <c>+info</c>.</remarks>
    /// <value>The default is <see langword="null"/>: never. Allowed are 1 second to 1 day.</value>
    public TimeSpan? ServerSamplingInterval { get; set; }

    /// <summary>How many entries of a batch are under way at a time.</summary>
    /// <value>The default is 128. Allowed are 1 to 10,000. More is hardly faster, and makes other operations wait longer.</value>
    public int BatchChunkSize { get; set; } = 128;

    /// <summary>How many bytes of values a batch has under way at a time. A value of a quarter of it or more is sent by itself, and the batch goes on when it is answered. Of values to read the size is learnt from those before.</summary>
    /// <value>The default is 256 KiB. Allowed are 1 KiB to 64 MiB.</value>
    public int BatchChunkBytes { get; set; } = 256 * 1024;

    /// <summary>Serializes the values of the typed batch members.</summary>
    /// <value>The default is MessagePack: <see cref="MessagePackHybridCacheSerializerFactory"/>.</value>
    public IHybridCacheSerializerFactory SerializerFactory { get; set; } = new MessagePackHybridCacheSerializerFactory();

    internal TimeSpan? ConnectTimeoutIfSet { get; private set; }

    internal TimeSpan? CommandTimeoutIfSet { get; private set; }

    internal TimeSpan? KeepAliveIfSet { get; private set; }

    PrimaRedisCacheOptions IOptions<PrimaRedisCacheOptions>.Value => this;
}
