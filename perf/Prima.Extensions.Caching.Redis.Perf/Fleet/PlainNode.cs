using Microsoft.Extensions.Caching.Distributed;
using Prima.Extensions.Caching.Redis.Perf.Rivals;

namespace Prima.Extensions.Caching.Redis.Perf.Fleet;

/// <summary>An <see cref="IDistributedCache"/>, used as the documentation of ASP.NET says.</summary>
internal sealed class PlainNode(PrimaRedisCache cache) : FleetNode
{
    public override async ValueTask<byte[]> GetOrCreateAsync(string key, Func<ValueTask<byte[]>> factory)
    {
        if (await cache.GetAsync(key).ConfigureAwait(false) is { } found)
        {
            return found;
        }

        var made = await factory().ConfigureAwait(false);
        await cache.SetAsync(key, made, Expiry.Absolute.Options()).ConfigureAwait(false);
        return made;
    }

    public override ValueTask DisposeAsync() => cache.DisposeAsync();
}
