using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Connections;

/// <summary>Where a connection comes from.</summary>
/// <param name="ConnectAsync">Makes a connection, or hands one out.</param>
/// <param name="OwnsMultiplexer">Whether the cache may, and must, dispose what <paramref name="ConnectAsync"/> returned.</param>
internal sealed record MultiplexerSource(Func<Task<IConnectionMultiplexer>> ConnectAsync, bool OwnsMultiplexer)
{
    /// <exception cref="FormatException">No usable server is configured.</exception>
    public static MultiplexerSource From(PrimaRedisCacheOptions options)
    {
        if (options.ConnectionMultiplexerFactory is { } factory)
        {
            return new(factory, OwnsMultiplexer: false);
        }

        var configuration = ServerConfiguration.Resolve(options, Environment.GetEnvironmentVariable);
        return new(async () => await ConnectionMultiplexer.ConnectAsync(configuration).ConfigureAwait(false), OwnsMultiplexer: true);
    }
}
