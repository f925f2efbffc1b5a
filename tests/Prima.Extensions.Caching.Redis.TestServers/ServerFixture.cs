namespace Prima.Extensions.Caching.Redis.TestServers;

/// <summary>A server of a test class' own, as xUnit's class fixture: started by the first test that asks, so that a missing server skips the tests.</summary>
/// <example><c>public sealed class OwnCluster() : ServerFixture&lt;RedisCluster&gt;(static () =&gt; RedisServers.StartClusterAsync());</c></example>
/// <param name="start">Starts it; called once.</param>
public abstract class ServerFixture<T>(Func<Task<T>> start) : IAsyncDisposable
    where T : IRedisServer
{
    private readonly Lazy<Task<T>> _server = new(() => Task.Run(start));

    /// <summary>The server.</summary>
    public Task<T> GetAsync() => _server.Value;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _server.Value).DisposeAsync();
        }
    }
}
