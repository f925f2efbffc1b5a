using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests.Distributed;

/// <summary>Every call of the cache, by name.</summary>
internal static class CacheCalls
{
    private static readonly Dictionary<string, Func<PrimaRedisCache, CallArguments, Task>> Calls = new()
    {
        ["Get"] = Synchronous((cache, arguments) => cache.Get(arguments.Key)),
        ["Set"] = Synchronous((cache, arguments) => cache.Set(arguments.Key, arguments.Value, arguments.Options)),
        ["Refresh"] = Synchronous((cache, arguments) => cache.Refresh(arguments.Key)),
        ["Remove"] = Synchronous((cache, arguments) => cache.Remove(arguments.Key)),
        ["TryGet"] = Synchronous((cache, arguments) => Buffer(cache).TryGet(arguments.Key, arguments.Destination)),
        ["Set(sequence)"] = Synchronous((cache, arguments) => Buffer(cache).Set(arguments.Key, Sequence(arguments), arguments.Options)),
        ["GetAsync"] = (cache, arguments) => cache.GetAsync(arguments.Key, arguments.Token),
        ["SetAsync"] = (cache, arguments) => cache.SetAsync(arguments.Key, arguments.Value, arguments.Options, arguments.Token),
        ["RefreshAsync"] = (cache, arguments) => cache.RefreshAsync(arguments.Key, arguments.Token),
        ["RemoveAsync"] = (cache, arguments) => cache.RemoveAsync(arguments.Key, arguments.Token),
        ["TryGetAsync"] = (cache, arguments) => Buffer(cache).TryGetAsync(arguments.Key, arguments.Destination, arguments.Token).AsTask(),
        ["SetAsync(sequence)"] = (cache, arguments) => Buffer(cache).SetAsync(arguments.Key, Sequence(arguments), arguments.Options, arguments.Token).AsTask(),
    };

    public static TheoryData<string> All => [.. Calls.Keys];

    public static TheoryData<string> Asynchronous => [.. Calls.Keys.Where(name => name.Contains("Async", StringComparison.Ordinal))];

    public static Task Invoke(this PrimaRedisCache cache, string call, CallArguments arguments) => Calls[call](cache, arguments);

    private static Func<PrimaRedisCache, CallArguments, Task> Synchronous(Action<PrimaRedisCache, CallArguments> call) =>
        (cache, arguments) =>
        {
            call(cache, arguments);
            return Task.CompletedTask;
        };

    private static IBufferDistributedCache Buffer(PrimaRedisCache cache) => cache;

    private static ReadOnlySequence<byte> Sequence(CallArguments arguments) => new(arguments.Value);
}
