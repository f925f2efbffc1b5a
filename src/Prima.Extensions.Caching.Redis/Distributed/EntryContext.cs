using System.Text;
using Microsoft.Extensions.Logging;
using Prima.Extensions.Caching.Redis.Diagnostics;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>What all operations of one cache share.</summary>
internal sealed class EntryContext(PrimaRedisCacheOptions options, ILogger logger, TimeProvider time)
{
    private readonly KeyRedaction _redaction = new(options.LogKeys);
    private readonly RedisKey _prefix = string.IsNullOrEmpty(options.InstanceName) ? default(RedisKey) : Encoding.UTF8.GetBytes(options.InstanceName);
    private volatile bool _scriptsRefused;

    /// <summary>What every key in Redis begins with.</summary>
    public byte[] InstanceName { get; } = Encoding.UTF8.GetBytes(options.InstanceName ?? "");

    public EntryLayout Layout { get; } = options.Layout;

    public FailureMode FailureMode { get; } = options.FailureMode;

    public SlidingEntries SlidingEntries { get; } = new();

    public DateTimeOffset UtcNow => time.GetUtcNow();

    /// <summary>Whether the server was seen to take a transaction after it had refused the script for the same.</summary>
    public bool ScriptsRefused
    {
        get => _scriptsRefused;
        set => _scriptsRefused = value;
    }

    public RedisKey RedisKey(string key) => _prefix.Append(key);

    public void ForeignValueFound(string key) => DistributedLog.ForeignValueFound(logger, _redaction.Redact(key));
}
