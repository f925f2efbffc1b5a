using System.Buffers;
using System.Diagnostics;

namespace Prima.Extensions.Caching.Redis.Perf.Workloads;

/// <summary>One of those who call a cache at the same time: goes through the keys from a place of its own until its time is over.</summary>
internal sealed class Caller(IReadOnlyList<string> keys, byte[] value, int start, long end)
{
    private int _next = start;

    public long Operations { get; private set; }

    public string Key { get; private set; } = "";

    public byte[] Value => value;

    public ArrayBufferWriter<byte> Buffer { get; } = new(value.Length + 64);

    /// <summary>Takes the next key, unless the time is over; the first is always taken.</summary>
    public bool MoveNext()
    {
        if (Operations > 0 && Stopwatch.GetTimestamp() >= end)
        {
            return false;
        }

        Operations++;
        Key = keys[_next++ % keys.Count];
        return true;
    }

    /// <summary>That the cache answered is looked at always, what it answered only where nobody measures.</summary>
    public void Demand(int length)
    {
        if (length != value.Length)
        {
            throw new InvalidOperationException($"A value of {value.Length} bytes came back as {length}.");
        }
    }
}
