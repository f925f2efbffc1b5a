using System.Text;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Diagnostics;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>What all operations of one cache share.</summary>
internal sealed class EntryContext(PrimaRedisCacheOptions options, CacheTelemetry telemetry, ILogger logger, TimeProvider time)
{
    private readonly KeyRedaction _redaction = new(options.LogKeys);
    private readonly RedisKey _prefix = string.IsNullOrEmpty(options.InstanceName) ? default(RedisKey) : Encoding.UTF8.GetBytes(options.InstanceName);
    private volatile bool _scriptsRefused;
    private volatile TransactionSupport _transactions;

    /// <summary>What every key in Redis begins with.</summary>
    public byte[] InstanceName { get; } = Encoding.UTF8.GetBytes(options.InstanceName ?? "");

    public EntryLayout Layout { get; } = options.Layout;

    public FailureMode FailureMode { get; } = options.FailureMode;

    /// <summary>The largest value that is written or read, in bytes.</summary>
    public int MaximumValueBytes { get; } = options.MaximumValueBytes;

    public CacheTelemetry Telemetry => telemetry;

    public SlidingEntries SlidingEntries { get; } = new(time);

    public DateTimeOffset UtcNow => time.GetUtcNow();

    /// <summary>Whether the server was seen to take a transaction after it had refused the script for the same.</summary>
    public bool ScriptsRefused
    {
        get => _scriptsRefused;
        set => _scriptsRefused = value;
    }

    /// <summary>What the server said to a transaction where it takes scripts too.</summary>
    public TransactionSupport Transactions
    {
        get => _transactions;
        set => _transactions = value;
    }

    public RedisKey RedisKey(string key) => _prefix.Append(key);

    public void LargeValueFound(string key, long length) => DistributedLog.LargeValueFound(logger, _redaction.Redact(key), length);

    public void ForeignValueFound(string key) => DistributedLog.ForeignValueFound(logger, _redaction.Redact(key));
}
