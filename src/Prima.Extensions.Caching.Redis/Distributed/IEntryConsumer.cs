namespace Prima.Extensions.Caching.Redis.Distributed;

/// <summary>What becomes of a value that was read.</summary>
internal interface IEntryConsumer<TResult>
{
    static abstract string OperationName { get; }

    /// <summary>Whether the value itself is asked for, and not just its expirations.</summary>
    static abstract bool NeedsValue { get; }

    TResult Miss { get; }

    TResult Take(ReadOnlySpan<byte> value);
}
