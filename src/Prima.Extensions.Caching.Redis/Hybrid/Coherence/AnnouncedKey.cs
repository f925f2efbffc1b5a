using System.Text;

namespace Prima.Extensions.Caching.Redis.Hybrid.Coherence;

/// <summary>What a key that Redis announced is to this cache.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The key without the instance name, or the tag.</param>
internal readonly record struct AnnouncedKey(AnnouncedKey.Kinds Kind, string Name)
{
    /// <summary>In front of the tag in the key of its stamp, as Microsoft's HybridCache has it.</summary>
    public const string TagStampPrefix = "__MSFT_HCT__";

    public enum Kinds
    {
        /// <summary>None of ours.</summary>
        Foreign,

        Entry,

        TagStamp,

        /// <summary>The <see cref="Coherence.ListenerMark"/>.</summary>
        ListenerMark,
    }

    public static AnnouncedKey Parse(ReadOnlySpan<byte> key, ReadOnlySpan<byte> instanceName)
    {
        if (!key.StartsWith(instanceName) || Leases.LeaseKey.IsOne(key))
        {
            return default;
        }

        var name = Encoding.UTF8.GetString(key[instanceName.Length..]);
        return name.StartsWith(TagStampPrefix, StringComparison.Ordinal)
            ? new(Kinds.TagStamp, name[TagStampPrefix.Length..])
            : new(name == ListenerMark.Key ? Kinds.ListenerMark : Kinds.Entry, name);
    }
}
