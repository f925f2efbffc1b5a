using System.Globalization;
using System.Text;
using Prima.Extensions.Caching.Redis.Hybrid.Coherence;
using StackExchange.Redis;

namespace Prima.Extensions.Caching.Redis.Hybrid.Leases;

/// <summary>
/// The key of a lease:
/// <code>
/// __prima_lease__:{tag}  ++  key of the entry
/// </code>
/// </summary>
/// <remarks>
/// It must be in the slot of its entry, whatever braces that key has, so the tag is not taken from the key: it is the first decimal number whose
/// slot is the entry's. It stands in front of the instance name, so that leases are not announced to those who track the instance's keys.
/// </remarks>
internal static class LeaseKey
{
    private static readonly Lazy<int[]> Tags = new(FindTags);

    private static ReadOnlySpan<byte> Prefix => "__prima_lease__:{"u8;

    /// <summary>Whether <paramref name="key"/>, as it stands in Redis, is the key of a lease.</summary>
    public static bool IsOne(ReadOnlySpan<byte> key) => key.StartsWith(Prefix);

    public static RedisKey Of(ReadOnlySpan<byte> instanceName, string key)
    {
        var tag = Tags.Value[KeySlot.Of(instanceName, key)].ToString(CultureInfo.InvariantCulture);
        var bytes = new byte[Prefix.Length + tag.Length + 1 + instanceName.Length + Encoding.UTF8.GetByteCount(key)];
        Prefix.CopyTo(bytes);
        var length = Prefix.Length;
        length += Encoding.UTF8.GetBytes(tag, bytes.AsSpan(length));
        bytes[length++] = (byte)'}';
        instanceName.CopyTo(bytes.AsSpan(length));
        Encoding.UTF8.GetBytes(key, bytes.AsSpan(length + instanceName.Length));
        return bytes;
    }

    private static int[] FindTags()
    {
        var tags = new int[KeySlot.Count];
        Span<byte> digits = stackalloc byte[10];
        for (int number = 1, missing = tags.Length; missing > 0; number++)
        {
            number.TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
            ref var tag = ref tags[KeySlot.Of(digits[..length])];
            if (tag == 0)
            {
                tag = number;
                missing--;
            }
        }

        return tags;
    }
}
