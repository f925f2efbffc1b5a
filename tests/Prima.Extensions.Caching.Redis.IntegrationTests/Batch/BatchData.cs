using Microsoft.Extensions.Caching.Distributed;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Batch;

/// <summary>Keys and entries for batches.</summary>
internal static class BatchData
{
    /// <summary>Long enough for any test, and the shared servers are clean again some time later.</summary>
    public static DistributedCacheEntryOptions ForAWhile => new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(10) };

    /// <summary>Keys that no other test has, which share a beginning.</summary>
    public static string[] Keys(int count, string? beginning = null)
    {
        beginning ??= NewKey();
        return [.. Enumerable.Range(0, count).Select(i => $"{beginning}-{i}")];
    }

    public static string NewKey() => Guid.NewGuid().ToString("N");

    /// <summary>A value that says by itself which entry it belongs to.</summary>
    public static byte[] Value(int number, int size)
    {
        var value = new byte[size];
        new Random(number).NextBytes(value);
        return value;
    }

    /// <summary>Values of 0, 1 and 1,024 bytes, and now and then 100 KiB.</summary>
    public static byte[] MixedValue(int number) =>
        Value(number, number % 100 == 50 ? 100 * 1024 : (number % 3) switch { 0 => 0, 1 => 1, _ => 1024 });

    public static BatchEntry Entry(string key, byte[] value, DistributedCacheEntryOptions? options = null) => new(key, value, options ?? ForAWhile);

    public static BatchEntry[] Entries(IEnumerable<string> keys, int size = 10, int generation = 0) =>
        [.. keys.Select((key, i) => Entry(key, Value(i + (generation * 1_000_000), size)))];

    public static IEnumerable<BatchOutcome> Each(this BatchOutcome outcome, int count) => Enumerable.Repeat(outcome, count);

    /// <summary>What a batch reads as one comparable list.</summary>
    public static byte[]?[] ToArrays(this BatchValues values) =>
        [.. values.Outcomes.Zip(values.Values, static (outcome, value) => outcome == BatchOutcome.Hit ? value.ToArray() : null)];
}
