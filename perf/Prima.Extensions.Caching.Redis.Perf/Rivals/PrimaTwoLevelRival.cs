using Microsoft.Extensions.DependencyInjection;
using Prima.Extensions.Caching.Redis.TestServers;

namespace Prima.Extensions.Caching.Redis.Perf.Rivals;

/// <summary><see cref="PrimaHybridCache"/>, which also reads many at a time.</summary>
internal sealed class PrimaTwoLevelRival(string configuration) : HybridTwoLevelRival(RivalNames.PrimaHybrid, services => Register(services, configuration))
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>Until it is told of what other nodes do, its L1 keeps nothing, and every read asks Redis.</summary>
    public override async Task ReadyAsync()
    {
        await SetAsync("ready", "");
        await Poll.UntilAsync("told of invalidations", Deadline, async () =>
        {
            _ = await GetAsync<string>("ready");
            return IsAtOnce(GetAsync<string>("ready"));
        });
    }

    /// <summary>Reads keys from Redis, past the L1, in one call.</summary>
    public ValueTask<IReadOnlyDictionary<string, T>> GetDistributedManyAsync<T>(IReadOnlyList<string> keys) =>
        ((PrimaHybridCache)Cache).GetOrCreateManyAsync<T>(keys, static (_, _) => Missing<IReadOnlyDictionary<string, T>>(), PastLocal);

    private static bool IsAtOnce(ValueTask<string> read) => read.IsCompletedSuccessfully;

    private static void Register(IServiceCollection services, string configuration) => services.AddPrimaRedisCache(options =>
    {
        options.Configuration = configuration;
        options.InstanceName = "two-level-prima:";
        options.FailureMode = FailureMode.Throw;
    }).AddPrimaHybridCache();
}
