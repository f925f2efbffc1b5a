namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>What an L1 holds.</summary>
internal readonly record struct LocalState(long Entries, long Bytes);
