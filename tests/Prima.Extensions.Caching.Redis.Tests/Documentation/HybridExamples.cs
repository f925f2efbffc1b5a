using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Prima.Extensions.Caching.Redis.Tests.Documentation;

/// <summary>The C# examples of docs/hybrid.md, as they stand there. Compiled, not run.</summary>
public static class HybridExamples
{
    public sealed record Patient(int Id, string Ward);

    public static void Options(IHostApplicationBuilder builder)
    {
        // <hybridOptions>
        builder.Services.AddPrimaRedisCache()
            .AddPrimaHybridCache(options => options.MaximumLocalBytes = 256 * 1024 * 1024);
        builder.Services.Configure<HybridCacheOptions>(options =>
            options.DefaultEntryOptions = new() { Expiration = TimeSpan.FromMinutes(30), LocalCacheExpiration = TimeSpan.FromMinutes(5) });
        // </hybridOptions>
    }

    // <hybridUse>
    public sealed class Patients(PrimaHybridCache cache, Func<int, CancellationToken, ValueTask<Patient>> load)
    {
        public ValueTask<Patient> GetAsync(int id, CancellationToken token) =>
            cache.GetOrCreateAsync($"patient:{id}", (load, id), static (state, token) => state.load(state.id, token), tags: ["patients"], cancellationToken: token);

        public async Task<Patient?> PeekAsync(int id, CancellationToken token)
        {
            HybridLookup<Patient> lookup = await cache.TryGetAsync<Patient>($"patient:{id}", cancellationToken: token);
            return lookup.Found ? lookup.Value : null;
        }

        // After the change is stored: gone from Redis, and from the L1 of every node.
        public ValueTask ChangedAsync(int id, CancellationToken token) => cache.RemoveAsync($"patient:{id}", token);

        public ValueTask AllChangedAsync(CancellationToken token) => cache.RemoveByTagAsync("patients", token);
    }
    // </hybridUse>

    public static async Task ReadWardAsync(PrimaHybridCache cache, IReadOnlyList<int> ids, Func<IReadOnlyList<string>, CancellationToken, Task<IReadOnlyDictionary<string, Patient>>> loadAsync, CancellationToken token)
    {
        // <hybridMany>
        IReadOnlyDictionary<string, Patient> patients = await cache.GetOrCreateManyAsync(
            ids.Select(id => $"patient:{id}"),
            async (missing, token) => await loadAsync(missing, token),
            tags: ["patients"],
            cancellationToken: token);
        // </hybridMany>
        _ = patients;
    }
}
