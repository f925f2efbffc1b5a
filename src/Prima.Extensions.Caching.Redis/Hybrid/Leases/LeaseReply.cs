using Prima.Extensions.Caching.Redis.Operations;
using RESPite.Messages;

namespace Prima.Extensions.Caching.Redis.Hybrid.Leases;

internal static class LeaseReply
{
    /// <summary>In place of an answer: the server, or this user's rights, do not allow the scripts.</summary>
    public const long Refused = -12;

    public static long Read(in RespReader reply) =>
        reply.IsScalar && reply.TryReadInt64(out var answer) ? answer : throw new UnexpectedReplyException("Redis answered a script of leases with something else than a number.");
}
