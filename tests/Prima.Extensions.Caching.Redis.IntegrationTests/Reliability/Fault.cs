using System.Net;
using Prima.Extensions.Caching.Redis.TestServers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Reliability;

/// <summary>One way in which Redis fails, and what is to come of it.</summary>
internal sealed record Fault
{
    /// <summary>What the cache is told.</summary>
    public required ConfigurationOptions Configuration { get; init; }

    /// <summary>The server itself, to see what is really in it.</summary>
    public required IRedisServer Server { get; init; }

    public required Func<Task> BreakAsync { get; init; }

    public required Func<Task> MendAsync { get; init; }

    /// <summary>Operations that are not carried out.</summary>
    public Operations Struck { get; init; } = Operations.All;

    /// <summary>Operations that may or may not be carried out.</summary>
    public Operations Either { get; init; }

    /// <summary>The kinds of fault that a caller may see in <see cref="FailureMode.Throw"/>.</summary>
    public required string[] Kinds { get; init; }

    /// <summary>Addresses one of which the caller is told; by default that of the configuration.</summary>
    public IEnumerable<EndPoint>? EndPoints { get; init; }

    /// <summary>Whether the data are gone afterwards.</summary>
    public bool LosesData { get; init; }

    /// <summary>Whether a server took operations that its successor never heard of: Redis replicates asynchronously, and no client can change that.</summary>
    public bool LosesAcknowledged { get; init; }

    public EntryLayout Layout { get; init; } = EntryLayout.Hash;

    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What is written by the operations that meet the fault.</summary>
    public byte[]? NewValue { get; init; }

    /// <summary>A fault of the one server at <paramref name="configuration"/>.</summary>
    public static Fault Of(IRedisServer server, string configuration, Action @break, Action mend, params string[] kinds) =>
        Of(server, configuration, () => Run(@break), () => Run(mend), kinds);

    /// <inheritdoc cref="Of(IRedisServer, string, Action, Action, string[])"/>
    public static Fault Of(IRedisServer server, string configuration, Func<Task> @break, Func<Task> mend, params string[] kinds) => new()
    {
        Server = server,
        Configuration = ConfigurationOptions.Parse(configuration),
        BreakAsync = @break,
        MendAsync = mend,
        Kinds = kinds,
    };

    private static Task Run(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
