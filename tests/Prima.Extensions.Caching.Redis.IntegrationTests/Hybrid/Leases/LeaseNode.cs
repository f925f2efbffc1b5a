using System.Buffers;
using System.Text;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging.Abstractions;
using Prima.Extensions.Caching.Redis.Hybrid.Leases;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid.Leases;

/// <summary>One node of a fleet: a cache with its lease desk.</summary>
internal sealed class LeaseNode : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    // Long: a wait that ends before it was woken.
    private static readonly TimeSpan LongLease = TimeSpan.FromMinutes(5);

    private LeaseNode(PrimaRedisCacheOptions options, TimeSpan duration)
    {
        Cache = new PrimaRedisCache(options);
        Desk = new(Cache, duration, NullLogger.Instance, TimeProvider.System);
    }

    public PrimaRedisCache Cache { get; }

    public LeaseDesk Desk { get; }

    public static DistributedCacheEntryOptions OneMinute => new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) };

    public static async Task<LeaseNode> OpenAsync(
        string configuration, EntryLayout layout = EntryLayout.Hash, string instanceName = "lease:", TimeSpan? duration = null, Action<PrimaRedisCacheOptions>? configure = null)
    {
        var node = Start(configuration, layout, instanceName, duration, configure);
        await Poll.UntilAsync("the desk is open", Deadline, () => node.Desk.IsOpen);
        return node;
    }

    public static LeaseNode Start(
        string configuration, EntryLayout layout = EntryLayout.Hash, string instanceName = "lease:", TimeSpan? duration = null, Action<PrimaRedisCacheOptions>? configure = null)
    {
        var options = new PrimaRedisCacheOptions { Configuration = configuration, Layout = layout, InstanceName = instanceName };
        configure?.Invoke(options);
        var node = new LeaseNode(options, duration ?? LongLease);
        node.Desk.Start();
        return node;
    }

    public async Task<Lease> TakeAsync(string key, string seen = "") => await Desk.TakeAsync(key, Encoding.UTF8.GetBytes(seen), CancellationToken.None);

    public async Task<Lease> HoldAsync(string key)
    {
        var lease = await TakeAsync(key);
        Assert.Equal(LeaseState.Held, lease.State);
        return lease;
    }

    public async Task<FillResult> FillAsync(Lease lease, string value) =>
        await Desk.FillAsync(lease, Sequence(value), OneMinute, CancellationToken.None);

    public async Task SetAsync(string key, string value) => await Desk.SetAsync(key, Sequence(value), OneMinute, CancellationToken.None);

    public async Task RemoveAsync(string key) => await Desk.RemoveAsync(key, CancellationToken.None);

    public async Task<string?> GetAsync(string key) => await Cache.GetAsync(key) is { } value ? Encoding.UTF8.GetString(value) : null;

    public async ValueTask DisposeAsync()
    {
        await Desk.DisposeAsync();
        await Cache.DisposeAsync();
    }

    private static ReadOnlySequence<byte> Sequence(string value) => new(Encoding.UTF8.GetBytes(value));
}
