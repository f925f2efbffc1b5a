namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>Refresh: no value, only whether the entry is there.</summary>
internal readonly struct RefreshConsumer : IEntryConsumer<bool>
{
    public static string OperationName => "refresh";

    public static bool NeedsValue => false;

    public bool Miss => false;

    public bool Take(ReadOnlySpan<byte> value) => true;
}
