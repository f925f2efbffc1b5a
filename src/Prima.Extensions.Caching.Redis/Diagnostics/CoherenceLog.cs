using Microsoft.Extensions.Logging;

namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>Events 4100 to 4199: how an L1 learns what other nodes do, and leases.</summary>
internal static partial class CoherenceLog
{
    [LoggerMessage(4100, LogLevel.Information, "Redis announces changes of keys to this node: L1 answers for what {Endpoint} serves.", EventName = "TrackingArmed")]
    public static partial void TrackingArmed(ILogger logger, string? endpoint);

    [LoggerMessage(4101, LogLevel.Warning, "Redis at {Endpoint} may have announced changes that did not arrive ({Reason}): L1 is emptied, and does not answer for what it serves until announcements are known to arrive again.", EventName = "TrackingLost")]
    public static partial void TrackingLost(ILogger logger, string? endpoint, string reason);

    [LoggerMessage(4102, LogLevel.Debug, "No announcements from {Endpoint} yet: {Fault}.", EventName = "TrackingNotArmed")]
    public static partial void TrackingNotArmed(ILogger logger, string? endpoint, string fault);

    [LoggerMessage(4103, LogLevel.Information, "The primaries or their slots changed; L1 is emptied. There are {Primaries} now.", EventName = "TopologyChanged")]
    public static partial void TopologyChanged(ILogger logger, int primaries);

    [LoggerMessage(4110, LogLevel.Warning, "Redis does not announce changes of keys to this node: {Reason}. The nodes of this cache tell each other over a channel instead; writes of other programs, expiry and FLUSHDB are not seen by L1 there.", EventName = "TrackingRefused")]
    public static partial void TrackingRefused(ILogger logger, string reason);

    [LoggerMessage(4111, LogLevel.Information, "The channel between the nodes works: L1 answers.", EventName = "ChannelArmed")]
    public static partial void ChannelArmed(ILogger logger);

    [LoggerMessage(4112, LogLevel.Warning, "The channel between the nodes was silent or its connection was lost: L1 is emptied, and does not answer until it works again.", EventName = "ChannelLost")]
    public static partial void ChannelLost(ILogger logger);

    [LoggerMessage(4113, LogLevel.Warning, "A message of another node is missing: L1 is emptied.", EventName = "MessageMissing")]
    public static partial void MessageMissing(ILogger logger);

    [LoggerMessage(4114, LogLevel.Warning, "A message on the channel between the nodes cannot be read, and was left out. Something else may be using the channel.", EventName = "MessageMalformed")]
    public static partial void MessageMalformed(ILogger logger);

    [LoggerMessage(4115, LogLevel.Debug, "The channel between the nodes does not work yet: {Fault}.", EventName = "ChannelNotArmed")]
    public static partial void ChannelNotArmed(ILogger logger, string fault);

    [LoggerMessage(4116, LogLevel.Warning, "Redis does not allow this node to publish to the channel between the nodes: those that listen to it hear nothing of its writes.", EventName = "AnnouncementRefused")]
    public static partial void AnnouncementRefused(ILogger logger);

    [LoggerMessage(4120, LogLevel.Warning, "Redis does not allow leases: {Reason}. A missing entry is made once per node instead of once in the fleet, and a slow factory can overwrite what was written meanwhile.", EventName = "LeasesRefused")]
    public static partial void LeasesRefused(ILogger logger, string reason);
}
