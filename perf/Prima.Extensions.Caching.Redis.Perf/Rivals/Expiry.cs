namespace Prima.Extensions.Caching.Redis.Perf.Rivals;

/// <summary>How entries expire; never while they are measured.</summary>
internal enum Expiry
{
    Absolute,
    Sliding,
}
