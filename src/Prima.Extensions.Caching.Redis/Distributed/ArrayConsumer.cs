namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>Get: the value as an array of its own, <see langword="null"/> for a miss.</summary>
internal readonly struct ArrayConsumer : IEntryConsumer<byte[]?>
{
    public static string OperationName => "get";

    public static bool NeedsValue => true;

    public byte[]? Miss => null;

    public byte[]? Take(ReadOnlySpan<byte> value) => value.ToArray();
}
