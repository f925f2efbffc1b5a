using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Prima.Extensions.Caching.Redis.Hybrid;
using Prima.Extensions.Caching.Redis.Hybrid.Local;

namespace Prima.Extensions.Caching.Redis.CoherenceChecker.Unguarded;

/// <summary>A <see cref="PrimaHybridCache"/> with one guard less, at the seams between its parts.</summary>
internal static class UnguardedCache
{
    public static PrimaHybridCache Create(IServiceProvider provider, string withoutGuard)
    {
        var settings = PrimaHybridCacheBuilderExtensions.Settings(provider, serviceKey: null, Options.DefaultName);
        return new(withoutGuard switch
        {
            Guards.InFlight => WithoutInFlightGuard(settings),
            Guards.Flush => settings with { Start = local => settings.Start(new NeverEmptied(local)) },
            Guards.Fence => WithoutInFlightGuard(settings) with { Leases = LeasesWithoutFence(settings) },
            _ => throw new ArgumentOutOfRangeException(nameof(withoutGuard), withoutGuard, "There is no such guard."),
        });
    }

    private static HybridSettings WithoutInFlightGuard(HybridSettings settings) =>
        settings with { Start = local => settings.Start(new OnlyEvicting((LocalCache)local)) };

    private static LeaseDeskWithoutFence LeasesWithoutFence(HybridSettings settings)
    {
        var desk = new LeaseDeskWithoutFence(settings.Redis, settings.Options.LeaseDuration, NullLogger.Instance, settings.Time);
        desk.Start();
        return desk;
    }
}
