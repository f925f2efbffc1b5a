namespace Prima.Extensions.Caching.Redis.Diagnostics;

/// <summary>How a key appears in logs.</summary>
internal sealed class KeyRedaction(bool logKeys)
{
    /// <summary>The key itself if the option says so; otherwise a hash that differs from process to process, so that nobody can look keys up by it.</summary>
    public string Redact(string key) => logKeys ? key : $"#{string.GetHashCode(key, StringComparison.Ordinal):x8}";
}
