using System.Text.Json;

namespace Prima.Extensions.Caching.Redis.CoherenceChecker;

/// <summary>What one node process is to do, as the one argument of its command line: JSON.</summary>
public sealed record NodeSettings
{
    /// <summary>The cache's Redis.</summary>
    public required string Configuration { get; init; }

    /// <summary>Another Redis, in place of the application's store; nobody harms it.</summary>
    public required string Store { get; init; }

    /// <summary>Where the history goes.</summary>
    public required string HistoryFile { get; init; }

    /// <summary>Which cache: see <see cref="NodeCache"/>.</summary>
    public string Cache { get; init; } = "prima";

    /// <summary>The instance name.</summary>
    public string InstanceName { get; init; } = "check:";

    /// <summary>The number of this node, from 0. It alone replaces the keys whose number modulo <see cref="Nodes"/> is this: so their versions grow in one order.</summary>
    public required int Node { get; init; }

    /// <summary>How many nodes there are.</summary>
    public required int Nodes { get; init; }

    /// <summary>When the first time of change begins, as a timestamp of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public required long Origin { get; init; }

    /// <summary>How many keys there are.</summary>
    public int Keys { get; init; } = 16;

    /// <summary>One in so many values takes its time to be read.</summary>
    public int SlowValues { get; init; } = 20;

    /// <summary>The longest pause between two changes of a key, in milliseconds: the longer, the more of the entries are in an L1.</summary>
    public int ChangePause { get; init; } = 60;

    /// <summary>The guard that is switched off, to see that its absence is found; empty = none.</summary>
    public string WithoutGuard { get; init; } = "";

    /// <summary>The settings on a command line.</summary>
    public static NodeSettings Parse(string json) => JsonSerializer.Deserialize<NodeSettings>(json)!;

    /// <inheritdoc/>
    public override string ToString() => JsonSerializer.Serialize(this);
}
