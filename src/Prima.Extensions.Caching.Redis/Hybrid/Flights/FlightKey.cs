using Microsoft.Extensions.Caching.Hybrid;

namespace Prima.Extensions.Caching.Redis.Hybrid.Flights;

/// <summary>What calls must have in common to share one read and one factory.</summary>
internal readonly record struct FlightKey(string Key, Type Type, HybridCacheEntryFlags Flags);
