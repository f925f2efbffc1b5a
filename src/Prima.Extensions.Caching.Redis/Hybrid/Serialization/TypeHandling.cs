using Microsoft.Extensions.Caching.Hybrid;

namespace Prima.Extensions.Caching.Redis.Hybrid.Serialization;

/// <summary>How values of one type are kept.</summary>
/// <param name="Serializer">Makes bytes of them, and the other way round.</param>
/// <param name="IsShared">Whether all callers get the same instance.</param>
internal sealed record TypeHandling<T>(IHybridCacheSerializer<T> Serializer, bool IsShared);
