namespace Prima.Extensions.Caching.Redis.TestServers.Faults;

/// <summary>What a <see cref="FaultProxy"/> does with the traffic.</summary>
public enum FaultMode
{
    /// <summary>Everything goes through.</summary>
    Pass,

    /// <summary>Connections are accepted and bytes taken, and nothing reaches anybody: a silent firewall.</summary>
    BlackHole,

    /// <summary>Requests reach the server and are carried out; the answers vanish.</summary>
    Mute,

    /// <summary>Requests reach the server; the answers come back as rubbish.</summary>
    Corrupt,

    /// <summary>Requests reach the server; of an answer a part comes back, of a long one half of it, and the connection is closed.</summary>
    CutAnswers,

    /// <summary>Nobody listens, and what was connected is reset: a server that is down.</summary>
    Refuse,
}
