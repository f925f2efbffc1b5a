namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>The state of one server, over one connection.</summary>
/// <param name="Connection">Which connection of the pool, from 0.</param>
/// <param name="EndPoint">Host and port.</param>
/// <param name="IsReplica">Whether it is a replica.</param>
/// <param name="IsConnected">Whether the client is connected to it.</param>
/// <param name="IsSilent">Whether it leaves commands unanswered.</param>
/// <param name="OutstandingCommands">Commands that wait for its answer.</param>
/// <param name="Sample">What it last said of itself, if it is asked.</param>
internal sealed record ServerState(int Connection, string EndPoint, bool IsReplica, bool IsConnected, bool IsSilent, long OutstandingCommands, ServerSample? Sample)
{
    /// <summary>Whether it is not asked.</summary>
    public bool IsOpen => !IsConnected || IsSilent;
}
