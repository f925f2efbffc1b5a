using System.Globalization;
using System.Net;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>Who serves what on a cluster, as one of its nodes sees it.</summary>
/// <param name="Primaries">All primaries, those without slots too: a slot that moves to one has keys there before it has the slot.</param>
/// <param name="Owners">For each slot the index of its primary; -1 = nobody serves it.</param>
/// <param name="Epoch">The greatest configuration epoch: a view with a smaller one is older.</param>
/// <remarks>https://redis.io/docs/latest/commands/cluster-nodes/</remarks>
internal sealed record ClusterView(IReadOnlyList<ClusterView.Node> Primaries, short[] Owners, long Epoch)
{
    private const int IdField = 0;
    private const int AddressField = 1;
    private const int FlagsField = 2;
    private const int EpochField = 6;
    private const int FirstSlotsField = 8;

    private static readonly string[] NotThere = ["fail", "handshake", "noaddr"];

    /// <summary>No slot is served by anybody that is known.</summary>
    public static short[] Nobody { get; } = [.. Enumerable.Repeat((short)-1, KeySlot.Count)];

    /// <exception cref="FormatException">It is no answer to CLUSTER NODES.</exception>
    public static ClusterView Parse(string nodes)
    {
        var primaries = new List<Node>();
        short[] owners = [.. Nobody];
        long epoch = 0;
        foreach (var line in nodes.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var fields = line.Split(' ');
            if (fields.Length < FirstSlotsField)
            {
                throw new FormatException("A line of CLUSTER NODES has less than eight fields.");
            }

            epoch = Math.Max(epoch, long.Parse(fields[EpochField], CultureInfo.InvariantCulture));
            var flags = fields[FlagsField].Split(',');
            if (flags.Contains("master") && !flags.Intersect(NotThere).Any())
            {
                Own(owners, fields.AsSpan(FirstSlotsField), (short)primaries.Count);
                primaries.Add(Node.Parse(fields[IdField], fields[AddressField]));
            }
        }

        return new(primaries, owners, epoch);
    }

    private static void Own(short[] owners, ReadOnlySpan<string> ranges, short primary)
    {
        foreach (var range in ranges)
        {
            // In brackets are slots on their way; they belong to whom they belonged before.
            if (range.Length == 0 || range[0] == '[')
            {
                continue;
            }

            var ends = range.Split('-');
            var first = int.Parse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture);
            var last = int.Parse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture);
            if (last >= owners.Length || first > last)
            {
                throw new FormatException("CLUSTER NODES names a slot that does not exist.");
            }

            owners.AsSpan(first, last - first + 1).Fill(primary);
        }
    }

    /// <param name="Id">The node's own name, the same wherever it is asked.</param>
    /// <param name="Host">Its IP address.</param>
    /// <param name="HostName">Its announced name; empty = none.</param>
    /// <param name="Port">Its port.</param>
    internal readonly record struct Node(string Id, string Host, string HostName, int Port)
    {
        /// <summary>The address that the client library knows this node by; what the node itself says, where it knows none.</summary>
        public EndPoint EndPoint(IEnumerable<EndPoint> known)
        {
            foreach (var endPoint in known)
            {
                var (host, port) = endPoint switch
                {
                    IPEndPoint ip => (ip.Address.ToString(), ip.Port),
                    DnsEndPoint dns => (dns.Host, dns.Port),
                    _ => ("", 0),
                };
                if (port == Port && (host == Host || host.Equals(HostName, StringComparison.OrdinalIgnoreCase)))
                {
                    return endPoint;
                }
            }

            return IPAddress.TryParse(Host, out var address) ? new IPEndPoint(address, Port) : new DnsEndPoint(HostName.Length > 0 ? HostName : Host, Port);
        }

        // ip:port@bus[,name]; an IPv6 address is not in brackets.
        internal static Node Parse(string id, string field)
        {
            var parts = field.Split(',');
            var address = parts[0].Split('@')[0];
            var colon = address.LastIndexOf(':');
            return colon < 0
                ? throw new FormatException("CLUSTER NODES names a node without a port.")
                : new(id, address[..colon], parts.Length > 1 ? parts[1] : "", int.Parse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture));
        }
    }
}
