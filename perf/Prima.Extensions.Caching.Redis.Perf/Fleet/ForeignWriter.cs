using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Prima.Extensions.Caching.Redis.TestServers;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Perf.Fleet;

/// <summary>A program that replaces entries in Redis without any of the caches: 2,000 a second, each by one HSET, and knows when which version was in place.</summary>
/// <remarks>It writes what the cache itself wrote once, with another key and version in it: so it needs to know nothing of a cache's format.</remarks>
internal sealed class ForeignWriter : IAsyncDisposable
{
    public const int PerSecond = 2000;
    public const int KeyCount = 10_000;

    private const int KeyDigits = 8;
    private const int ValueLength = 256;
    private const int Turn = 5;

    private static readonly byte[] Marker = Encoding.ASCII.GetBytes("version:");

    private readonly ConnectionMultiplexer _multiplexer;
    private readonly string _prefix;
    private readonly byte[] _template;
    private readonly int _versionAt;
    private readonly int[] _keyAt;
    private readonly long[] _sent = new long[KeyCount];
    private readonly List<long>[] _writtenAt = [.. Enumerable.Range(0, KeyCount).Select(static _ => new List<long>())];

    private ForeignWriter(ConnectionMultiplexer multiplexer, string prefix, byte[] template)
    {
        (_multiplexer, _prefix, _template) = (multiplexer, prefix, template);
        _versionAt = template.AsSpan().IndexOf(Marker) + Marker.Length;
        _keyAt = [.. Places(template, Encoding.ASCII.GetBytes(KeyOf(KeyCount)))];
    }

    /// <summary>A key with a number below <see cref="KeyCount"/>.</summary>
    public static string KeyOf(int number) => $"k{number.ToString($"D{KeyDigits}", System.Globalization.CultureInfo.InvariantCulture)}";

    /// <summary>The version in a value.</summary>
    public static long VersionOf(byte[] value) => BinaryPrimitives.ReadInt64LittleEndian(value.AsSpan(Marker.Length));

    /// <summary>A value of version 0.</summary>
    public static byte[] NewValue()
    {
        var value = new byte[ValueLength];
        Marker.CopyTo(value, 0);
        return value;
    }

    /// <summary>Learns how the cache writes, and writes version 1 of all keys.</summary>
    public static async Task<ForeignWriter> CreateAsync(string server, FleetCache cache)
    {
        var name = KeyOf(KeyCount);
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(server);
        await using var node = await cache.OpenAsync(server, cache.Prefix);
        await node.GetOrCreateAsync(name, static () => new(NewValue()));

        // Some caches write when their caller has the value already, and FusionCache puts something of its own in front of the key.
        RedisKey key = default;
        await Poll.UntilAsync("the entry is in Redis", TimeSpan.FromSeconds(10), () =>
        {
            key = multiplexer.GetServers()[0].Keys(pattern: $"{cache.Prefix}*{name}").FirstOrDefault();
            return key != default(RedisKey);
        });
        var template = (byte[])(await multiplexer.GetDatabase().HashGetAsync(key, "data"))!;
        var writer = new ForeignWriter(multiplexer, ((string)key!)[..^name.Length], template);
        await Task.WhenAll(Enumerable.Range(0, KeyCount).Select(writer.WriteAsync));
        return writer;
    }

    /// <summary>Writes until cancelled.</summary>
    public async Task RunAsync(CancellationToken token)
    {
        var start = Stopwatch.GetTimestamp();
        var writing = new List<Task>();
        for (long written = 0; !token.IsCancellationRequested;)
        {
            for (var due = (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * PerSecond); written < due; written++)
            {
                writing.Add(WriteAsync(Random.Shared.Next(KeyCount)));
            }

            writing.RemoveAll(static task => task.IsCompletedSuccessfully);
            await Task.Delay(Turn, CancellationToken.None);
        }

        await Task.WhenAll(writing);
    }

    /// <summary>The number of the newest version that is known to be in place.</summary>
    public long Newest(int key)
    {
        lock (_writtenAt[key])
        {
            return _writtenAt[key].Count;
        }
    }

    /// <summary>When the version after <paramref name="version"/> was in place.</summary>
    public long ReplacedAt(int key, long version)
    {
        lock (_writtenAt[key])
        {
            return _writtenAt[key][(int)version];
        }
    }

    public ValueTask DisposeAsync() => _multiplexer.DisposeAsync();

    // One write of a key after the other: the replies come in order.
    private async Task WriteAsync(int key)
    {
        Task<bool> writing;
        var versions = _writtenAt[key];
        lock (_template)
        {
            var version = ++_sent[key];
            foreach (var at in _keyAt)
            {
                Encoding.ASCII.GetBytes(KeyOf(key), _template.AsSpan(at));
            }

            BinaryPrimitives.WriteInt64LittleEndian(_template.AsSpan(_versionAt), version);
            writing = _multiplexer.GetDatabase().HashSetAsync(_prefix + KeyOf(key), "data", _template.ToArray());
        }

        await writing.ConfigureAwait(false);
        lock (versions)
        {
            versions.Add(Stopwatch.GetTimestamp());
        }
    }

    private static IEnumerable<int> Places(byte[] bytes, byte[] key)
    {
        for (var at = bytes.AsSpan().IndexOf(key); at >= 0;)
        {
            yield return at;
            var next = bytes.AsSpan(at + 1).IndexOf(key);
            at = next < 0 ? next : at + 1 + next;
        }
    }
}
