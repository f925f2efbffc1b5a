using System.Globalization;
using System.Net;

namespace Prima.Extensions.Caching.Redis.TestServers.Topologies;

/// <summary>One line of CLUSTER NODES: how one node sees another.</summary>
/// <remarks>Slots are ranges such as 0-5460; those under migration (in brackets) are left out.</remarks>
internal sealed record ClusterNode(string Id, int Port, string[] Flags, string? PrimaryId, string[] Slots)
{
    public bool IsPrimary => Flags.Contains("master");

    public bool IsSelf => Flags.Contains("myself");

    public bool IsTrusted => !Flags.Any(static f => f is "fail" or "fail?" or "handshake" or "noaddr");

    public static IReadOnlyList<ClusterNode> Parse(string lines) =>
        [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ParseLine)];

    public bool Owns(int slot) => Slots.Any(range =>
    {
        string[] ends = range.Split('-');
        return slot >= Number(ends[0]) && slot <= Number(ends[^1]);
    });

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    // <id> <ip:port@bus[,host]> <flags> <primary or -> <ping> <pong> <epoch> <link> <slot>...
    private static ClusterNode ParseLine(string line)
    {
        string[] fields = line.Split(' ');
        string address = fields[1].Split('@')[0];
        int port = IPEndPoint.TryParse(address, out IPEndPoint? endPoint) ? endPoint.Port : 0;
        string? primary = fields[3] == "-" ? null : fields[3];
        return new ClusterNode(fields[0], port, fields[2].Split(','), primary, [.. fields[8..].Where(static s => s[0] != '[')]);
    }
}
