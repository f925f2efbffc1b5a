namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>The state of one cache, as metrics and the health check show it.</summary>
/// <param name="Servers">Every server of every connection of the pool; none before the first connection.</param>
/// <param name="PoolSize">How many connections the pool has, made or not.</param>
/// <param name="Reconnects">How often a server was connected again.</param>
/// <param name="JournalLength">Keys whose removal or overwrite Redis missed.</param>
/// <param name="JournalReplays">Keys that were removed after all.</param>
/// <param name="JournalOverflows">Keys that were dropped from the journal.</param>
internal sealed record CacheState(
    IReadOnlyList<ServerState> Servers, int PoolSize, long Reconnects, int JournalLength, long JournalReplays, long JournalOverflows);
