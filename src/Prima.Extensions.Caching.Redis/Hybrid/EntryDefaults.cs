using Microsoft.Extensions.Caching.Hybrid;

namespace Prima.Extensions.Caching.Redis.Hybrid;

/// <summary>Resolves the options of a call against those of the cache, as Microsoft's HybridCache does.</summary>
internal sealed class EntryDefaults
{
    private static readonly TimeSpan Expiration = TimeSpan.FromMinutes(5);

    private readonly HybridCacheEntryFlags _flags;
    private readonly TimeSpan _expiration;
    private readonly TimeSpan _localExpiration;

    public EntryDefaults(HybridCacheEntryOptions? options)
    {
        _flags = options?.Flags ?? HybridCacheEntryFlags.None;
        _expiration = options?.Expiration ?? Expiration;
        _localExpiration = LocalExpirationOf(options) ?? _expiration;
    }

    /// <summary>The flags of a call replace those of the cache; they are not added to them.</summary>
    public HybridCacheEntryFlags FlagsOf(HybridCacheEntryOptions? options) => options?.Flags ?? _flags;

    public EntryPlan Plan(HybridCacheEntryOptions? options, IEnumerable<string>? tags) =>
        new(FlagsOf(options), NotNegative(options?.Expiration ?? _expiration), NotNegative(LocalExpirationOf(options) ?? _localExpiration), EntryTags.From(tags));

    private static TimeSpan NotNegative(TimeSpan expiration) => expiration > TimeSpan.Zero ? expiration : TimeSpan.Zero;

    // Within one options object the local expiration is the other one if it is not given, and never longer; an object with only the other one replaces the cache's local one.
    private static TimeSpan? LocalExpirationOf(HybridCacheEntryOptions? options) =>
        options?.LocalCacheExpiration is { } local && !(options.Expiration < local) ? local : options?.Expiration;
}
