namespace Prima.Extensions.Caching.Redis;

/// <summary>What <see cref="PrimaHybridCache.TryGetAsync{T}"/> found.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
/// <param name="Found">Whether there is an entry.</param>
/// <param name="Value">Its value, which may be <see langword="null"/>; <see langword="default"/> if there is none.</param>
public readonly record struct HybridLookup<T>(bool Found, T? Value);
