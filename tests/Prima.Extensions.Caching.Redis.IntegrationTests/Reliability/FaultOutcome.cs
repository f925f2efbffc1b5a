using System.Net;
using Microsoft.Extensions.Caching.Distributed;
using Prima.Extensions.Caching.Redis.Diagnostics;
using Prima.Extensions.Caching.Redis.IntegrationTests.Conformance;
using Prima.Extensions.Caching.Redis.TestServers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Reliability;

/// <summary>Lets one fault happen to a cache of each failure mode at the same time, and holds both to what was promised.</summary>
/// <remarks>
/// 1. Both caches work. 2. The fault comes. 3. In Degrade no operation throws, and what is struck is a miss or not stored; in Throw it throws what the fault
/// says, with address, operation and connection. 4. The fault goes. 5. Both work again without help, and what was removed or replaced meanwhile is not there any more, unless the
/// fault itself loses what Redis had taken.
/// 6. Nothing that was logged, thrown, measured or traced has a key or a value in it.
/// </remarks>
internal static class FaultOutcome
{
    /// <summary>What decides about the slot of every key.</summary>
    public const string HashTag = "{reliability}";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly DistributedCacheEntryOptions Lasting = new() { SlidingExpiration = TimeSpan.FromMinutes(5) };
    private static readonly string Kept = Telltale.Key("kept");
    private static readonly CacheAccess[] Accesses = [CacheAccess.Sync, CacheAccess.Async, CacheAccess.BufferAsync];
    private static readonly string[] Overwritten = [.. Accesses.Select(static access => KeyOf("set", access)), Telltale.Key("set many")];
    private static readonly string[] Removed = [.. Accesses.Select(static access => KeyOf("remove", access)), Telltale.Key("remove many")];

    public static async Task CheckAsync(Fault fault)
    {
        using var telltale = new Telltale();
        await using var degrading = telltale.CreateCache(Options(fault, FailureMode.Degrade));
        await using var throwing = telltale.CreateCache(Options(fault, FailureMode.Throw));
        await FillAsync(degrading);
        await FillAsync(throwing);

        await fault.BreakAsync();
        await Task.WhenAll(DegradesAsync(fault, degrading, telltale), ThrowsAsync(fault, throwing, telltale));

        await fault.MendAsync();
        await Task.WhenAll(RecoversAsync(fault, degrading, telltale), RecoversAsync(fault, throwing, telltale));
        await CatchesUpAsync(fault, degrading);
        telltale.AssertNothingWasGivenAway();
    }

    private static PrimaRedisCacheOptions Options(Fault fault, FailureMode mode, FailureMode? instance = null) => new()
    {
        ConfigurationOptions = fault.Configuration,
        InstanceName = $"{HashTag}{instance ?? mode}:",
        Layout = fault.Layout,
        FailureMode = mode,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        CommandTimeout = fault.CommandTimeout,
    };

    // Synchronous calls on threads of the pool would starve it, which is a fault of its own.
    private static Task OnItsOwnThread(Func<Task> call) =>
        Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private static byte[] NewValue(Fault fault) => fault.NewValue ?? Telltale.Value("new");

    private static string KeyOf(string operation, CacheAccess access) => Telltale.Key($"{operation} {access}");

    private static async Task FillAsync(PrimaRedisCache cache)
    {
        foreach (var key in Overwritten.Concat(Removed).Append(Kept))
        {
            await cache.SetAsync(key, Telltale.Value("old"), Lasting);
        }

        Assert.Equal(Telltale.Value("old"), await cache.GetAsync(Kept));
    }

    private static Task DegradesAsync(Fault fault, PrimaRedisCache cache, Telltale telltale) => Task.WhenAll(
    [
        .. Accesses.Select(access => OnItsOwnThread(async () => CheckMiss(fault, await cache.GetAsync(access, Kept)))),
        .. Accesses.Select(access => OnItsOwnThread(() => cache.RefreshAsync(access, Kept))),
        .. Accesses.Select(access => OnItsOwnThread(() => cache.SetAsync(access, KeyOf("set", access), NewValue(fault), Lasting))),
        .. Accesses.Select(access => OnItsOwnThread(() => cache.RemoveAsync(access, KeyOf("remove", access)))),
        .. CheckBatches(fault, cache, telltale),
    ]);

    private static void CheckMiss(Fault fault, byte[]? read)
    {
        if (fault.Struck.HasFlag(Operations.Get))
        {
            Assert.Null(read);
        }
        else if (!fault.Either.HasFlag(Operations.Get))
        {
            Assert.Equal(Telltale.Value("old"), read);
        }
    }

    private static IEnumerable<Task> CheckBatches(Fault fault, PrimaRedisCache cache, Telltale telltale) =>
    [
        Task.Run(async () => Check(fault, Operations.Get, await cache.GetManyArraysAsync([Kept]), BatchOutcome.Hit, telltale)),
        Task.Run(async () => Check(fault, Operations.Refresh, await cache.RefreshManyAsync([Kept]), BatchOutcome.Refreshed, telltale)),
        Task.Run(async () => Check(fault, Operations.Set, await cache.SetManyAsync([new BatchEntry(Overwritten[^1], NewValue(fault), Lasting)]), BatchOutcome.Stored, telltale)),
        Task.Run(async () => Check(fault, Operations.Remove, await cache.RemoveManyAsync([Removed[^1]]), BatchOutcome.Removed, telltale)),
    ];

    private static void Check(Fault fault, Operations operation, BatchResult result, BatchOutcome success, Telltale telltale)
    {
        foreach (var error in result.Errors)
        {
            telltale.Hear(error.Exception);
        }

        if (fault.Struck.HasFlag(operation))
        {
            Assert.Contains(result.Outcomes[0], new[] { BatchOutcome.Degraded, BatchOutcome.Skipped, BatchOutcome.Failed });
        }
        else if (!fault.Either.HasFlag(operation))
        {
            Assert.Equal(success, result.Outcomes[0]);
        }
    }

    private static Task ThrowsAsync(Fault fault, PrimaRedisCache cache, Telltale telltale) => Task.WhenAll(
    [
        .. Accesses.Select(access => CheckThrowsAsync(fault, Operations.Get, "get", telltale, () => cache.GetAsync(access, Kept))),
        .. Accesses.Select(access => CheckThrowsAsync(fault, Operations.Refresh, "refresh", telltale, () => cache.RefreshAsync(access, Kept))),
        .. Accesses.Select(access => CheckThrowsAsync(fault, Operations.Set, "set", telltale, () => cache.SetAsync(access, KeyOf("set", access), NewValue(fault), Lasting))),
        .. Accesses.Select(access => CheckThrowsAsync(fault, Operations.Remove, "remove", telltale, () => cache.RemoveAsync(access, KeyOf("remove", access)))),
        .. CheckBatches(fault, cache, telltale),
    ]);

    private static async Task CheckThrowsAsync(Fault fault, Operations operation, string name, Telltale telltale, Func<Task> call)
    {
        var exception = await Record.ExceptionAsync(() => OnItsOwnThread(call));
        if (exception is null)
        {
            Assert.False(fault.Struck.HasFlag(operation), $"'{name}' met the fault, and did not throw.");
            return;
        }

        telltale.Hear(exception);
        Assert.True(fault.Struck.HasFlag(operation) || fault.Either.HasFlag(operation), $"'{name}' was to be served: {exception}");
        Assert.True(exception is RedisException or TimeoutException, exception.ToString());
        Assert.True(fault.Kinds.Contains(FaultKind.Of(exception)), $"{FaultKind.Of(exception)}: {exception}");
        Assert.Contains($"could not serve '{name}' (the connection is ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(fault.EndPoints ?? fault.Configuration.EndPoints, endpoint => exception.Message.Contains($"Redis at {Text(endpoint)}", StringComparison.Ordinal)
            || exception.Message.Contains($", {Text(endpoint)}", StringComparison.Ordinal));
    }

    private static string Text(EndPoint endpoint) => endpoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endpoint.ToString()!;

    private static Task RecoversAsync(Fault fault, PrimaRedisCache cache, Telltale telltale) => Poll.UntilSolvedAsync("the cache works again", Patience, async () =>
    {
        try
        {
            await cache.SetAsync(Telltale.Key("again"), Telltale.Value("again"), Lasting);
            var isBack = (await cache.GetAsync(Telltale.Key("again"))).AsSpan().SequenceEqual(Telltale.Value("again"));
            return isBack ? null : $"A miss, with {cache.State()}";
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            telltale.Hear(exception);
            return exception.Message;
        }
    });

    // With Throw the caller knows what was not done, and the journal is empty.
    private static async Task CatchesUpAsync(Fault fault, PrimaRedisCache cache)
    {
        using var limit = new CancellationTokenSource(Patience);
        await cache.FlushAsync(limit.Token);
        Assert.Equal(0, cache.State().JournalLength);

        if (fault.LosesAcknowledged)
        {
            return;
        }

        var patient = Options(fault, FailureMode.Throw, FailureMode.Degrade);
        patient.CommandTimeout = Patience;
        await using var other = new PrimaRedisCache(patient);
        foreach (var key in Overwritten)
        {
            Assert.NotEqual(Telltale.Value("old"), await other.GetAsync(key));
        }

        foreach (var key in Removed)
        {
            Assert.Null(await other.GetAsync(key));
        }

        Assert.Equal(fault.LosesData ? null : Telltale.Value("old"), await other.GetAsync(Kept));
    }
}
