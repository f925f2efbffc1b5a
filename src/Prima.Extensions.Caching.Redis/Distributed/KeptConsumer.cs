namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>GetMany: the value into the memory of the batch's result, <see langword="null"/> for a miss.</summary>
internal readonly struct KeptConsumer(BatchValues destination) : IEntryConsumer<ReadOnlyMemory<byte>?>
{
    public static string OperationName => "get-many";

    public static bool NeedsValue => true;

    public ReadOnlyMemory<byte>? Miss => null;

    public ReadOnlyMemory<byte>? Take(ReadOnlySpan<byte> value) => destination.Keep(value);
}
