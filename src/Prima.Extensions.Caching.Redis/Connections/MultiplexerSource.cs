using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Connections;

/// <summary>Where a connection comes from.</summary>
/// <param name="ConnectAsync">Makes a connection, or hands one out. One that it makes tells of its sockets.</param>
/// <param name="OwnsMultiplexer">Whether the cache may, and must, dispose what <paramref name="ConnectAsync"/> returned.</param>
/// <param name="CommandTimeout">How long a command may take, waiting for the connection included.</param>
internal sealed record MultiplexerSource(Func<LatestSockets, Task<IConnectionMultiplexer>> ConnectAsync, bool OwnsMultiplexer, TimeSpan CommandTimeout)
{
    /// <exception cref="FormatException">No usable server is configured.</exception>
    public static MultiplexerSource From(PrimaRedisCacheOptions options)
    {
        if (options.ConnectionMultiplexerFactory is { } factory)
        {
            return new(_ => factory(), OwnsMultiplexer: false, options.CommandTimeout);
        }

        var configuration = ServerConfiguration.Resolve(options, Environment.GetEnvironmentVariable);

        // The client counts INFO among what administrators do. Nobody else gets this multiplexer.
        configuration.AllowAdmin |= options.ServerSamplingInterval is not null;
        return new(
            async sockets =>
            {
                var own = configuration.Clone();
                own.BeforeSocketConnect += sockets.Note;
                return await ConnectionMultiplexer.ConnectAsync(own).ConfigureAwait(false);
            },
            OwnsMultiplexer: true,
            TimeSpan.FromMilliseconds(configuration.AsyncTimeout));
    }
}
