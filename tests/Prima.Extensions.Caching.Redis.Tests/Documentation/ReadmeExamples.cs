using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Prima.Extensions.Caching.Redis.Tests.Documentation;

/// <summary>The C# examples of README.md, as they stand there. Compiled, not run.</summary>
public static class ReadmeExamples
{
    public static void Register(IHostApplicationBuilder builder)
    {
        // <registration>
        builder.Services.AddPrimaRedisCache(options =>
        {
            options.Configuration = "redis://localhost:6379";
            options.InstanceName = "clinic:";
        });
        // </registration>
    }

    public static void RegisterFromOutside(IHostApplicationBuilder builder)
    {
        // <configuration>
        builder.Services.AddPrimaRedisCache();
        // </configuration>
    }

    public static async Task<ReadOnlyMemory<byte>> ReadThroughAsync(IBufferDistributedCache cache, Func<CancellationToken, Task<byte[]>> loadAsync, CancellationToken token)
    {
        // <buffers>
        var destination = new ArrayBufferWriter<byte>();
        if (!await cache.TryGetAsync("image:7", destination, token))
        {
            destination.Write(await loadAsync(token));
            var options = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1) };
            await cache.SetAsync("image:7", new ReadOnlySequence<byte>(destination.WrittenMemory), options, token);
        }
        // </buffers>

        return destination.WrittenMemory;
    }

    public static void RegisterHybrid(IHostApplicationBuilder builder)
    {
        // <hybrid>
        builder.Services.AddPrimaRedisCache()
            .AddPrimaHybridCache();
        // </hybrid>
    }

    // <hybridUse>
    public sealed class Wards(HybridCache cache, Func<int, CancellationToken, ValueTask<string[]>> load)
    {
        public ValueTask<string[]> PatientsAsync(int ward, CancellationToken token) =>
            cache.GetOrCreateAsync($"ward:{ward}", (load, ward), static (state, token) => state.load(state.ward, token), tags: ["wards"], cancellationToken: token);

        // When it has returned no node's L1 shows the old list for longer than milliseconds, and a factory that began before does not bring it back.
        public ValueTask ChangedAsync(int ward, CancellationToken token) => cache.RemoveAsync($"ward:{ward}", token);
    }
    // </hybridUse>

    public static void RegisterStrings(IHostApplicationBuilder builder)
    {
        // <layout>
        builder.Services.AddPrimaRedisCache(options => options.Layout = EntryLayout.String);
        // </layout>
    }

    public static void RegisterSeveral(IHostApplicationBuilder builder)
    {
        // <keyed>
        builder.Services.AddKeyedPrimaRedisCache("sessions", options => options.InstanceName = "sessions:");
        builder.Services.AddKeyedPrimaRedisCache("images", options =>
        {
            options.InstanceName = "images:";
            options.Layout = EntryLayout.String;
        });
        // </keyed>
    }

    public static async Task<byte[]?> UseWithoutDependencyInjectionAsync()
    {
        // <standalone>
        var options = new PrimaRedisCacheOptions { Configuration = "redis://localhost:6379", InstanceName = "clinic:" };
        await using var cache = new PrimaRedisCache(options);
        await cache.SetAsync("visit:7", [1, 2, 3], new() { SlidingExpiration = TimeSpan.FromMinutes(20) });
        byte[]? visit = await cache.GetAsync("visit:7");
        // </standalone>

        return visit;
    }

    public static void RegisterThrowing(IHostApplicationBuilder builder)
    {
        // <failure>
        builder.Services.AddPrimaRedisCache(options => options.FailureMode = FailureMode.Throw);
        // </failure>
    }

    // <batch>
    public static async Task ReadWardAsync(IBatchCache cache, string[] keys, CancellationToken token)
    {
        using BatchValues values = await cache.GetManyAsync(keys, token);
        for (int i = 0; i < values.Count; i++)
        {
            // Hit or Miss; or Degraded, Failed, Skipped: each entry has its own fate, in the order asked.
            Console.WriteLine($"{keys[i]}: {values[i]}, {values.Values[i].Length} bytes");
        }

        BatchResult stored = await cache.SetManyAsync(
            keys.Select(key => new BatchEntry(key, "..."u8.ToArray(), new() { SlidingExpiration = TimeSpan.FromMinutes(5) })),
            token);
        foreach (BatchError error in stored.Errors)
        {
            Console.WriteLine($"{error.Key}: {error.Outcome}, {error.Exception.Message}");
        }
    }
    // </batch>

    // <consumer>
    public sealed class Gallery([FromKeyedServices("images")] IDistributedCache images)
    {
        public Task<byte[]?> FindAsync(int id, CancellationToken token) => images.GetAsync($"{id}", token);
    }
    // </consumer>
}
