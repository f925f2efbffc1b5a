using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>What all tracked primaries of a cache have in common.</summary>
/// <param name="Configuration">How to connect; it is cloned.</param>
/// <param name="Prefix">What the keys begin with that are to be announced.</param>
/// <param name="Sink">The L1.</param>
/// <param name="Arming">Is called before a primary is armed: what it announced before was missed.</param>
/// <param name="Announced">Takes a key that was announced, or null for all keys.</param>
/// <param name="Refused">Takes the reason why a primary will not announce anything.</param>
/// <param name="Logger">The log.</param>
/// <param name="Time">The time.</param>
internal sealed record TrackingTarget(
    ConfigurationOptions Configuration,
    byte[] Prefix,
    IInvalidationSink Sink,
    Action Arming,
    Action<RedisValue> Announced,
    Action<string> Refused,
    ILogger Logger,
    TimeProvider Time);
